import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { parseCursor } from "../../evidence/aml-records.ts";
import { cursorOf, TimePage } from "./time-cursor.ts";

it("a cursor is taken as it was given out, and no other text of its length reaches the database", () => {
  const event_id = randomUUID();
  const after = cursorOf({ created_at: new Date(), event_id });
  expect(TimePage.parse({ after }).after).toBe(after);
  expect(parseCursor(`1.${event_id}`)?.[1]).toBe(event_id);
  const dashes = "-".repeat(36);
  expect(TimePage.safeParse({ after: `1_${dashes}` }).success).toBe(false);
  expect(parseCursor(`1.${dashes}`)).toBeUndefined();
});
