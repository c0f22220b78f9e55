/** Values of the Digital Agency's design tokens that this app uses, by their names there (tokens.test.ts compares). */
export const tokens = {
  color: {
    white: "#ffffff",
    solidGray50: "#f2f2f2",
    solidGray200: "#cccccc",
    solidGray420: "#949494",
    solidGray700: "#4d4d4d",
    solidGray900: "#1a1a1a",
    blue50: "#e8f1fe",
    blue900: "#0017c1",
    blue1000: "#00118f",
    blue1200: "#000060",
    green50: "#e6f5ec",
    green800: "#197a4b",
    orange50: "#ffeee2",
    orange800: "#c74700",
    red50: "#fdeeee",
    red900: "#ce0000",
  },
  fontSize: { small: 14, body: 16, lead: 18, title: 20, heading: 24, display: 45 },
} as const;
