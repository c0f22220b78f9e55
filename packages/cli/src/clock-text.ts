import type { Clock } from "./sandbox-client.ts";

const japan = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "Asia/Tokyo" });

/** The sandbox's clock as lines for a terminal. */
export function clockText({ now, aheadMilliseconds }: Clock): string {
  const days = Math.round(aheadMilliseconds / 86_400_000);
  return [
    `${japan.format(new Date(now))} 日本時間 in Japan`,
    aheadMilliseconds === 0
      ? "実際の時刻 the real time"
      : `実際より約${days}日先 about ${days} days ahead of the real time`,
  ].join("\n");
}
