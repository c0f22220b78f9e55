/** What holds the key of a certificate: the My Number Card, or a phone with its own certificates (スマホ用電子証明書). */
export const media = ["card", "phone"] as const;
export type Medium = (typeof media)[number];
