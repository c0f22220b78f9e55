import { fullWidth } from "../people/full-width.ts";
import type { Database } from "./database.ts";

/** Part of a name, of its reading (in either kana) or of an id; spaces inside names do not matter. Empty finds everyone. */
export type ResidentSearch = { text: string; offset: number; limit: number };

const condition = `instr(id, ?) > 0 OR instr(replace(name, '\u3000', ''), ?) > 0 OR instr(replace(kana, '\u3000', ''), ?) > 0`;

/** Ids, those registered last first. */
export function searchResidents(database: Database, { text, offset, limit }: ResidentSearch): string[] {
  const rows = database
    .prepare(`SELECT id FROM people WHERE ${condition} ORDER BY created_at DESC, rowid DESC LIMIT ? OFFSET ?`)
    .all(...searched(text), limit, offset);
  return (rows as { id: string }[]).map(({ id }) => id);
}

export function countFound(database: Database, text: string): number {
  const row = database.prepare(`SELECT count(*) AS count FROM people WHERE ${condition}`).get(...searched(text));
  return (row as { count: number }).count;
}

function searched(text: string): [string, string, string] {
  const name = fullWidth(text).replaceAll("\u3000", "");
  return [text.trim().toLowerCase(), name, inKatakana(name)];
}

/** Hiragana as katakana; all else stays. */
export function inKatakana(text: string): string {
  return text.replace(/[\u3041-\u3096]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60));
}
