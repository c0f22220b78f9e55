import type { ChildProcess } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  consistencyProof,
  formatCheckpoint,
  formatNoteKey,
  formatSignedNote,
  leafHash,
  nodeHash,
  rootHash,
  signNote,
} from "@xid/pki";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { end, freePortBase, xid, xidUntil } from "./test-xid.ts";

const name = "xid.example/log";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const leaves = Array.from({ length: 4096 }, (_, n) => leafHash(Buffer.from(String(n))));
const subtree = (level: number, index: number): Buffer =>
  level === 0 ? (leaves[index] as Buffer) : nodeHash(subtree(level - 1, 2 * index), subtree(level - 1, 2 * index + 1));

/** Body of `add-checkpoint` for a log of `size` entries; `salt` makes it another log with the same key. */
function submission(old: number, size: number, salt = ""): string {
  const root = salt ? createHash("sha256").update(salt).digest() : rootHash(size, subtree);
  const text = formatCheckpoint({ origin: name, size, root });
  const proof = consistencyProof(old, size, subtree).map((hash) => `${hash.toString("base64")}\n`);
  return `old ${old}\n${proof.join("")}\n${formatSignedNote(text, [signNote(text, { name, privateKey })])}`;
}

describe("xid witness serve", () => {
  let state: string;
  let port: number;
  let witness: ChildProcess;
  const start = () =>
    xidUntil("witness", [
      ...["witness", "serve", "--name", "city.example/witness", "--state", state, "--port", String(port), "--json"],
      ...["--log", formatNoteKey({ name, kind: "ed25519", publicKey })],
    ]);
  const submit = async (body: string) => {
    const answer = await fetch(`http://localhost:${port}/add-checkpoint`, { method: "POST", body });
    return { status: answer.status, body: await answer.text() };
  };

  beforeAll(async () => {
    state = await mkdtemp(join(tmpdir(), "xid-witness-"));
    port = await freePortBase();
    witness = await start();
  });
  afterAll(async () => {
    await end(witness);
    await rm(state, { recursive: true });
  });

  it("killed at any moment, has seen whatever it signed, and no more than it was shown", async () => {
    const key = await (await fetch(`http://localhost:${port}/key`)).text();
    let signed = 0;
    for (let round = 0; round < 4; round++) {
      // It is killed while one submission after the other is under way.
      let shown = signed;
      const killed = new Promise<void>((resolve) =>
        setTimeout(() => end(witness, "SIGKILL").then(() => resolve()), 40 + round * 25),
      );
      try {
        for (;;) {
          shown = signed + 1;
          const { status } = await submit(submission(signed, shown));
          if (status !== 200) throw new Error(`answered ${status}`);
          signed = shown;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
      await killed;
      witness = await start();
      expect(await (await fetch(`http://localhost:${port}/key`)).text()).toBe(key);
      const { status, body } = await submit(submission(0, shown, "another history"));
      const seen = status === 409 ? Number(body) : 0;
      expect([signed, shown]).toContain(seen);
      expect((await submit(submission(seen, seen + 1, "another history"))).status).toBe(422);
      signed = seen;
    }
    expect(signed).toBeGreaterThan(4);
    expect((await readdir(state)).filter((file) => file.endsWith(".refused"))).toHaveLength(1);
  });

  it("says what it needs", async () => {
    const { status, stderr } = await xid(["witness", "serve", "--name", "a", "--state", state]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("--log KEY")]);
    const wrong = await xid(["witness", "serve", "--name", "a", "--state", state, "--log", "key"]);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("verifier key")]);
    const taken = ["--port", String(port), "--log", formatNoteKey({ name, kind: "ed25519", publicKey })];
    const twice = await xid(["witness", "serve", "--name", "a", "--state", state, ...taken]);
    expect([twice.status, twice.stderr]).toEqual([1, expect.stringContaining("in use")]);
  });
});
