import { z } from "zod";
import { LifeEvent } from "./life-events.ts";

/** An event with its fields, and its day: so many days before or after a registration. */
export type DatedEvent<Days extends string> = Record<Days, number> & {
  type: string;
  [field: string]: string | number | undefined;
};

const mostDays = 3650;

/** As it comes from outside. The errors are those of the event itself. */
export function datedEvent<Days extends "daysAgo" | "inDays">(days: Days): z.ZodType<DatedEvent<Days>> {
  const count = z
    .int()
    .min(days === "daysAgo" ? 0 : 1)
    .max(mostDays);
  return z.record(z.string(), z.unknown()).transform((entry, context): DatedEvent<Days> => {
    const { [days]: given, at, ...said } = entry;
    const parsedDays = count.safeParse(given);
    const event = LifeEvent.safeParse(said);
    const refuse = (path: PropertyKey[], message: string) => {
      context.addIssue({ code: "custom", path, message });
      return z.NEVER;
    };
    if (at !== undefined) return refuse(["at"], `${days} says when`);
    if (!parsedDays.success) return refuse([days], "a number of days");
    if (!event.success) {
      const { path = [], message = "" } = event.error.issues[0] ?? {};
      return refuse(path, message);
    }
    return { ...event.data, [days]: parsedDays.data } as DatedEvent<Days>;
  });
}
