import { readFileSync } from "node:fs";
import type { EvidenceFile } from "@xid/protocol";
import { describe, expect, it } from "vitest";
import { InclusionError, verifyInclusion } from "./verify-inclusion.ts";

const vectors = new URL("../../../../../vectors/evidence/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, vectors), "utf8");
const evidence = (name: string) => JSON.parse(read(`${name}.json`)) as EvidenceFile;
const logKey = read("trust/log.key").trim();

const outcome = (change: (file: EvidenceFile) => void, key = logKey) => {
  const file = evidence("sign-in");
  change(file);
  try {
    return verifyInclusion(file, key);
  } catch (error) {
    return error instanceof InclusionError ? error.code : String(error);
  }
};
const other = (text: string) => text.slice(0, 5) + (text[5] === "A" ? "B" : "A") + text.slice(6);

describe("the proof of a record, on the device", () => {
  it.each(["enrolment", "sign-in", "card-signature"])("holds for %s, and tells who else has signed", (name) => {
    expect(verifyInclusion(evidence(name), logKey)).toMatchObject({
      size: expect.any(Number),
      stamped: true,
      others: ["city.example/witness"],
    });
  });

  it.each<[string, string, (file: EvidenceFile) => void]>([
    ["waits for the log", "NOT_LOGGED", ({ act }) => (act.log = null)],
    ["was changed", "NOT_INCLUDED", ({ act }) => (act.record = other(act.record))],
    ["has another salt", "NOT_INCLUDED", ({ act }) => (act.salt = other(act.salt))],
    ["has another counterpart", "NOT_INCLUDED", ({ act }) => (act.counterpart = null)],
    ["is at another place", "NOT_INCLUDED", ({ act }) => act.log!.index--],
    ["has a proof for another size", "NOT_INCLUDED", ({ act }) => act.log!.size++],
    ["has another proof", "NOT_INCLUDED", ({ act }) => act.log!.proof.pop()],
    [
      "is under a checkpoint that the log did not sign",
      "OTHER_LOG",
      ({ act }) => (act.log!.checkpoint = act.log!.checkpoint.replace(/\n\d+\n/, "\n99\n")),
    ],
    ["is under no checkpoint", "OTHER_LOG", ({ act }) => (act.log!.checkpoint = "")],
  ])("is refused where the record %s: %s", (_, expected, change) => {
    expect(outcome(change)).toBe(expected);
  });

  it("is refused under another log's key", () => {
    expect(outcome(() => undefined, read("trust/witness/1.key").trim())).toBe("OTHER_LOG");
    expect(outcome(() => undefined, "")).toBe("OTHER_LOG");
  });
});
