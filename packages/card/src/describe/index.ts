export { type Dialogue, describe, type Exchange, freshDialogue, sentence } from "./describe.ts";
export type { Words } from "./words.ts";
