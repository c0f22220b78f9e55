import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person } from "../people/present.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { findChanges } from "./changes.ts";
import { TestVerifier } from "./test-verifier.ts";

let sandbox: TestWorld;
let verifier: TestVerifier;
beforeAll(async () => {
  sandbox = await startTestWorld();
  verifier = await TestVerifier.register(sandbox);
});
afterAll(() => sandbox.close());

const serialOf = (person: Person, kind: string) => person.card.certificates.find((one) => one.kind === kind)!.serial;

async function sweep(query: string, body: string | ReadableStream): Promise<{ status: number; text: string }> {
  const headers = { ...(await verifier.token()), "content-type": "text/plain" };
  const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
  const response = await fetch(`${sandbox.url}/jlis/v1/changes?${query}`, init);
  return { status: response.status, text: await response.text() };
}
async function changesOf(kind: string, after: number, serials: string[]) {
  const { text } = await sweep(`kind=${kind}&after=${after}`, serials.join("\n"));
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const end = lines.pop() as { mark: number; asked: number; changed: number };
  return { serials: lines.map(({ serial }) => serial), ...end };
}

test("a sweep names what was revoked and whose holder got another one since the last, and nothing else", async () => {
  const people = await Promise.all(Array.from({ length: 4 }, () => sandbox.register("default")));
  const serials = people.map((person) => serialOf(person, "signature"));
  const first = await changesOf("signature", 0, serials);
  const [moved, renewed] = people as [Person, Person];
  await sandbox.happen(moved.id, { type: "move" });
  await sandbox.happen(renewed.id, { type: "reissue-certificates" });
  const second = await changesOf("signature", first.mark, serials);
  expect(second).toEqual({
    serials: [serials[0], serials[1]],
    ...{ asked: 4, changed: 2, mark: expect.any(Number) },
  });
  expect((await changesOf("signature", second.mark, serials)).serials).toEqual([]);
  await sandbox.happen(moved.id, { type: "reissue-signature" });
  expect((await changesOf("signature", second.mark, serials)).serials).toEqual([serials[0]]);
  const authentication = people.map((person) => serialOf(person, "authentication"));
  expect((await changesOf("authentication", first.mark, authentication)).serials).toEqual([
    authentication[0],
    authentication[1],
  ]);
});

test("a revocation that is dated back is found by the next sweep all the same", async () => {
  const before = await changesOf("signature", 0, ["01"]);
  const person = await sandbox.register("moved-last-week");
  const serial = serialOf(person, "signature");
  expect((await changesOf("signature", before.mark, [serial])).serials).toEqual([serial]);
});

test("serial numbers are read in either case, with zeros in front, empty lines and either line end", async () => {
  const person = await sandbox.register("certificate-revoked");
  const serial = serialOf(person, "signature");
  const { text } = await sweep("kind=signature&after=0", `\r\n00${serial.toUpperCase()}\r\n\n${serial}\n`);
  const lines = text.trimEnd().split("\n");
  expect(lines.slice(0, 2)).toEqual(Array(2).fill(JSON.stringify({ serial })));
  expect(JSON.parse(lines[2]!)).toMatchObject({ asked: 2, changed: 2 });
});

test("without a mark each of them may have changed", async () => {
  const { text } = await sweep("kind=signature", "01\n0fffffff");
  expect(text.split("\n").slice(0, 2)).toEqual(['{"serial":"01"}', '{"serial":"0fffffff"}']);
});

test("no line is an answer, too", async () => {
  expect(await changesOf("signature", 0, [])).toMatchObject({ serials: [], asked: 0, changed: 0 });
});

test.each([
  ["kind=other", "01", 400, "MALFORMED"],
  ["", "01", 400, "MALFORMED"],
  ["kind=signature&after=-1", "01", 400, "MALFORMED"],
  ["kind=signature&more=1", "01", 400, "MALFORMED"],
  ["kind=signature", "01\nxyz", 400, "MALFORMED"],
  ["kind=signature", "0".repeat(41), 400, "MALFORMED"],
  ["kind=signature", "0".repeat(100_000), 400, "MALFORMED"],
  ["kind=signature", "1\n".repeat(2_000_001), 413, "TOO_LARGE"],
])("a sweep of %j is refused (%#)", async (query, body, status, code) => {
  const answer = await sweep(query, body);
  expect([answer.status, codeOf(JSON.parse(answer.text))]).toEqual([status, code]);
});

test("a body that never says how long it is ends at its limit", async () => {
  const chunk = new TextEncoder().encode("01000001\n".repeat(100_000));
  let sent = 0;
  const body = new ReadableStream({
    pull: (controller) => {
      sent++;
      if (sent > 60) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const answer = await sweep("kind=signature", body).catch(() => undefined);
  if (answer) expect([answer.status, codeOf(JSON.parse(answer.text))]).toEqual([413, "TOO_LARGE"]);
  expect(sent).toBeLessThan(60);
});

test("a million serial numbers are one sweep", { timeout: 60_000 }, async () => {
  const { mark } = await changesOf("signature", 0, []);
  const person = await sandbox.register("certificate-revoked");
  const serial = serialOf(person, "signature");
  const serials = Array.from({ length: 1_000_000 }, (_, index) => (0x0f000000 + index).toString(16));
  serials[777_777] = serial;
  expect(await changesOf("signature", mark, serials)).toMatchObject({ serials: [serial], asked: 1_000_000 });
});

test("however the bytes are cut, the answer is the same; any others are MALFORMED", async () => {
  const { database } = sandbox.world;
  const read = async (text: string, cuts: number[]) => {
    const bytes = Buffer.from(text);
    const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((one, other) => one - other);
    const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
    const lines = (async function* () {
      yield* chunks;
    })();
    return findChanges(database, { kind: "signature", after: 0 }, lines).then(
      ({ asked, changed }) => ({ asked, changed }),
      (error: { code: string }) => error.code,
    );
  };
  const serials = fc.array(fc.stringMatching(/^[0-9a-f]{1,40}$/), { maxLength: 20 });
  const cuts = fc.array(fc.nat(), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(serials, cuts, async (asked, at) => {
      const text = asked.join("\n");
      expect(await read(text, at)).toEqual(await read(text, []));
      expect(await read(text, at)).toMatchObject({ asked: asked.length });
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), cuts, async (text, at) => {
      const answer = await read(text, at);
      if (typeof answer === "string") expect(answer).toBe("MALFORMED");
      else expect(text).toMatch(/^[0-9a-fA-F\r\n]*$/);
    }),
  );
});
