import type { TimelineEntry } from "./sandbox-client.ts";

const japan = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Tokyo" });
const states = { done: "", pending: "  [予定 planned]", failed: "  [できず failed]", cancelled: "  [取消 cancelled]" };

/** One entry of a timeline as lines for a terminal. */
export function timelineText(entry: TimelineEntry): string {
  const { id, at, title, state, changes, revoked, issued, told, child, failure } = entry;
  return [
    `${japan.format(new Date(at))}  ${title.ja} / ${title.en}${states[state]}${state === "pending" ? `  #${id}` : ""}`,
    ...Object.entries(changes).map(([field, { from, to }]) => `    ${field}: ${from ?? "–"} → ${to ?? "–"}`),
    ...revoked.map(({ kind, medium, serial, reason }) => `    − ${kind} (${medium}) ${serial}: ${reason}`),
    ...issued.map(
      ({ kind, medium, serial, replaces }) =>
        `    + ${kind} (${medium}) ${serial}${replaces ? `, 旧 former ${replaces}` : ""}`,
    ),
    ...(child === undefined ? [] : [`    子 child: ${child}`]),
    ...(told.length === 0 ? [] : [`    通知先 told: ${told.join(", ")}`]),
    ...(failure ? [`    ${failure.code}: ${failure.message}`] : []),
  ].join("\n");
}
