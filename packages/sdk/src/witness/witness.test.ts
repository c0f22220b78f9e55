import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatNoteKey, formatSignedNote, parseSignedNote, verifyCheckpoint } from "@xid/pki";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileWitnessStore } from "./file-witness-store.ts";
import { TestLog } from "./test-log.ts";
import { largestSubmission, Witness } from "./witness.ts";
import { readOrCreateWitnessKey } from "./witness-key.ts";
import { startWitness } from "./witness-server.ts";

let directory: string;
let log: TestLog;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "xid-witness-"));
  log = new TestLog().grow(10);
});
afterEach(() => rm(directory, { recursive: true }));

const { privateKey } = generateKeyPairSync("ed25519");
const start = async (logs = [log.key]) =>
  new Witness({ name: "city.example/witness", privateKey, logs, store: await fileWitnessStore(directory) });
const refused = async () => (await readdir(directory)).filter((name) => name.endsWith(".refused"));

describe("a witness", () => {
  it("signs what follows from what it signed before, with its time, also after a restart", async () => {
    const first = await start();
    expect(await first.addCheckpoint(log.submission(0))).toMatchObject({ status: 200 });
    log.grow(300);
    const again = await start();
    const { status, body } = await again.addCheckpoint(log.submission(10));
    expect(status).toBe(200);
    const note = parseSignedNote(log.checkpoint());
    const signed = formatSignedNote(note.text, [
      ...note.signatures,
      ...parseSignedNote(`${note.text}\n${body}`).signatures,
    ]);
    const { size, witnesses } = verifyCheckpoint(signed, { log: log.key, witnesses: [again.key], quorum: 1 });
    expect([size, witnesses[0]!.name]).toEqual([310, "city.example/witness"]);
    expect(Math.abs(witnesses[0]!.time - Date.now() / 1000)).toBeLessThan(5);
  });

  it("signs the same checkpoint again", async () => {
    const witness = await start();
    await witness.addCheckpoint(log.submission(0));
    expect(await witness.addCheckpoint(log.submission(10))).toMatchObject({ status: 200 });
  });

  it("says how much it has seen to whoever guesses wrong", async () => {
    const witness = await start();
    await witness.addCheckpoint(log.submission(0));
    log.grow(1);
    const answer = { status: 409, contentType: "text/x.tlog.size", body: "10\n" };
    expect(await witness.addCheckpoint(log.submission(0))).toEqual(answer);
    expect(await witness.addCheckpoint(log.submission(11))).toEqual(answer);
    expect(await refused()).toEqual([]);
  });

  it("refuses a log that was set back, and keeps the proof", async () => {
    const witness = await start();
    await witness.addCheckpoint(log.submission(0));
    const earlier = log.checkpoint(7);
    expect(await witness.addCheckpoint(log.submission(7, 7))).toMatchObject({ status: 409, body: "10\n" });
    const [file] = await refused();
    expect(await readFile(join(directory, file!), "utf8")).toBe(earlier);
  });

  it.each<[string, number, number, number]>([
    ["at its last entry, and as long", 9, 1, 409],
    ["at its first entry, and longer", 0, 50, 422],
    ["at its last entry, and longer", 9, 50, 422],
  ])("refuses a log that was rewritten %s", async (_, from, count, status) => {
    const witness = await start();
    await witness.addCheckpoint(log.submission(0));
    const other = log.rewritten(from, count);
    expect(await witness.addCheckpoint(other.submission(10))).toMatchObject({ status });
    expect(await refused()).toHaveLength(1);
    log.grow(1);
    expect(await witness.addCheckpoint(log.submission(10))).toMatchObject({ status: 200 });
  });

  it("refuses what is no submission, a log that it does not know, and one that somebody else signed", async () => {
    const witness = await start();
    const good = log.submission(0);
    const stranger = new TestLog(log.key.name).grow(3);
    const cases: [number, string][] = [
      [400, ""],
      [400, "old 0\n"],
      [400, good.replace("old 0", "old 00")],
      [400, good.replace("old 0", "old -1")],
      [400, good.replace("old 0\n", "old 0\nnot a hash\n")],
      [400, `old 0\n${`${"A".repeat(43)}=\n`.repeat(64)}\n${log.checkpoint()}`],
      [400, log.submission(11)],
      [400, `${good}${" ".repeat(largestSubmission)}`],
      [403, good.replace(/\n10\n/, "\n010\n")],
      [403, stranger.submission(0)],
      [403, good.replace(/\n10\n/, "\n11\n")],
      [404, new TestLog("another.example/log").grow(1).submission(0)],
      [404, new TestLog(`${log.key.name}x`).grow(1).submission(0)],
      [422, good.replace("old 0\n", `old 0\n${"A".repeat(43)}=\n`)],
    ];
    for (const [status, body] of cases) {
      expect([await witness.addCheckpoint(body).then((answer) => answer.status), body.slice(0, 80)]).toEqual([
        status,
        body.slice(0, 80),
      ]);
    }
    expect(await witness.addCheckpoint(good)).toMatchObject({ status: 200 });
  });

  it("answers any text, and never signs two histories, in whatever order they come", async () => {
    const branches = [log, log.rewritten(5, 20), log.rewritten(10, 7)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(0, 1, 2), fc.nat(25), fc.nat(25)), { maxLength: 12 }),
        async (calls) => {
          await rm(directory, { recursive: true });
          const witness = await start();
          const answers = await Promise.all(
            calls.map(([branch, old, size]) => {
              const of = branches[branch]!;
              const upTo = Math.min(size, of.size);
              return witness
                .addCheckpoint(of.submission(Math.min(old, upTo), upTo))
                .then(({ status }) => ({ status, of, upTo }));
            }),
          );
          const signed = answers.filter(({ status }) => status === 200);
          const latest = signed.toSorted((one, other) => other.upTo - one.upTo)[0];
          // The longest that it signed begins with every other one.
          for (const { of, upTo } of signed) expect(of.checkpoint(upTo)).toBe(latest!.of.checkpoint(upTo));
          const roots = new Set(signed.map(({ of, upTo }) => of.checkpoint(upTo)));
          expect(roots.size).toBe(new Set(signed.map(({ upTo }) => upTo)).size);
        },
      ),
      { numRuns: 60 },
    );
    const witness = await start();
    await fc.assert(
      fc.asyncProperty(fc.string(), async (body) => {
        expect((await witness.addCheckpoint(body)).status).toBe(400);
      }),
    );
  });

  it("believes nothing that was put in place of what it kept", async () => {
    const witness = await start();
    await witness.addCheckpoint(log.submission(0));
    const [file] = (await readdir(directory)).filter((name) => name.endsWith(".checkpoint"));
    await writeFile(join(directory, file!), new TestLog(log.key.name).grow(1).checkpoint());
    log.grow(1);
    await expect(witness.addCheckpoint(log.submission(1))).rejects.toThrow();
  });

  it("has one key, also when it is started twice at once", async () => {
    const [one, other] = await Promise.all([readOrCreateWitnessKey(directory), readOrCreateWitnessKey(directory)]);
    expect(one.equals(other)).toBe(true);
    await writeFile(join(directory, "witness-key.pem"), "no key");
    await expect(readOrCreateWitnessKey(directory)).rejects.toThrow();
  });

  it("is served over HTTP, with an end to every body", async () => {
    const witness = await start();
    const errors: unknown[] = [];
    const { url, close } = await startWitness(witness, {
      port: 0,
      host: "127.0.0.1",
      onError: (error) => errors.push(error),
    });
    const post = (body: BodyInit) => fetch(`${url}/add-checkpoint`, { method: "POST", body });
    expect(await (await fetch(`${url}/key`)).text()).toBe(`${formatNoteKey(witness.key)}\n`);
    expect((await post(log.submission(0))).status).toBe(200);
    const conflict = await post(log.submission(0));
    expect([conflict.status, conflict.headers.get("content-type"), await conflict.text()]).toEqual([
      409,
      "text/x.tlog.size",
      "10\n",
    ]);
    expect((await post("x".repeat(largestSubmission + 1))).status).toBe(413);
    expect((await post(Uint8Array.of(0xff, 0xfe))).status).toBe(400);
    expect((await fetch(`${url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect(errors).toEqual([]);
    await close();
  });
});
