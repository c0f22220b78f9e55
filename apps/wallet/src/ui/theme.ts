import { Platform } from "react-native";
import { tokens } from "./tokens.ts";

const { color } = tokens;

/** What the colours are for in this app. All pairs of text and ground reach 4.5:1. */
export const colors = {
  text: color.solidGray900,
  quiet: color.solidGray700,
  ground: color.solidGray50,
  surface: color.white,
  line: color.solidGray420,
  faintLine: color.solidGray200,
  key: color.blue900,
  keyPressed: color.blue1200,
  keyHovered: color.blue1000,
  keyFaint: color.blue50,
  onKey: color.white,
  error: color.red900,
  errorFaint: color.red50,
  success: color.green800,
  successFaint: color.green50,
  warning: color.orange800,
  warningFaint: color.orange50,
} as const;

export const sizes = tokens.fontSize;

/** System fonts everywhere: a phone has its own, and a page must not fetch one from elsewhere. */
export const fontFamily = Platform.select({
  web: '"Hiragino Sans","Hiragino Kaku Gothic ProN","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI",Meiryo,sans-serif',
  default: undefined,
});

/** Smallest height of anything that is touched: more than WCAG 2.2 §2.5.8 asks for. */
export const touchHeight = 48;
/** Width of the column that everything stands in. */
export const columnWidth = 560;
