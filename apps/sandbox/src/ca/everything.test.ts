import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { parseCertificate, verifyCrl } from "@xid/pki";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { personas } from "../people/personas.ts";
import { opensslMissing, startTestWorld, type TestWorld } from "../test-world.ts";
import { foundTown } from "../town/found.ts";
import { type Kind, kinds, reasonCodes } from "./kind.ts";

/** openssl about all that a whole world has issued: every persona, and residents of a town with their past. */
describe.skipIf(opensslMissing)(`openssl on everything that was issued (${opensslMissing ?? "installed"})`, () => {
  type Row = {
    kind: Kind;
    serial: number;
    generation: number;
    der: Uint8Array;
    revoked_at: number | null;
    reason: string;
  };
  let sandbox: TestWorld;
  let rows: Row[];

  beforeAll(async () => {
    sandbox = await startTestWorld();
    for (const { id } of personas) await sandbox.register(id);
    const town = foundTown(sandbox.world, { residents: 100, seed: 7 });
    const longest = Array.from({ length: 100 }, (_, index) => index)
      .sort((a, b) => town.certificatesOf(b).length - town.certificatesOf(a).length)
      .slice(0, 5);
    for (const index of longest) await fetch(`${sandbox.url}/api/people/t-${index + 1}`);
    const all = sandbox.world.database.prepare("SELECT * FROM certificates WHERE person_id IS NOT NULL").all();
    rows = all as unknown as Row[];
    expect(rows.length).toBeGreaterThan(50);
  });
  afterAll(() => sandbox.close());

  const run = async (...parameters: string[]) => {
    const { stdout, stderr } = await promisify(execFile)("openssl", parameters, { maxBuffer: 2 ** 26 });
    return stdout + stderr;
  };
  const generations = (kind: Kind) => sandbox.world.authorities.generations(kind);
  const caFile = (kind: Kind) =>
    sandbox.file(
      `${kind}-ca.pem`,
      Buffer.from(
        generations(kind)
          .map(({ certificate }) => new X509Certificate(certificate))
          .join(""),
      ),
    );
  const crl = async (kind: Kind, keyIdentifier: string) =>
    Buffer.from(await (await fetch(`${sandbox.url}/jpki/crl/${kind}/${keyIdentifier}.crl`)).arrayBuffer());

  test("every certificate has a path, strictly", async () => {
    for (const kind of kinds) {
      const files = rows
        .filter((row) => row.kind === kind)
        .map(({ serial, der }) => sandbox.file(`${kind}-${serial}.pem`, Buffer.from(`${new X509Certificate(der)}`)));
      const said = await run("verify", "-x509_strict", "-no_check_time", "-CAfile", caFile(kind), ...files);
      expect(said.match(/: OK$/gm)).toHaveLength(files.length);
    }
  });

  test("every list is signed by its generation, and says the same as openssl reads", async () => {
    for (const kind of kinds) {
      for (const { keyIdentifier, certificate, generation } of generations(kind)) {
        const der = await crl(kind, keyIdentifier);
        const file = sandbox.file("list.crl", der);
        // `openssl crl` takes the first authority of that name, so it is given the one whose list it is.
        const issuer = sandbox.file("issuer.pem", Buffer.from(new X509Certificate(certificate).toString()));
        const said = await run("crl", "-inform", "der", "-in", file, "-CAfile", issuer, "-noout", "-text");
        expect(said).toContain("verify OK");
        const list = verifyCrl(der, { issuer: parseCertificate(certificate), time: new Date() });
        expect(said.match(/Serial Number:/g) ?? []).toHaveLength(list.entryCount);
        for (const row of rows.filter((one) => one.kind === kind && one.generation === generation)) {
          const expected = row.revoked_at === null ? { status: "good" } : { status: "revoked", reason: row.reason };
          expect(list.status(parseCertificate(row.der))).toMatchObject(expected);
        }
      }
    }
  });

  test("the responder says of every certificate what the register holds, signed by its generation's delegate", async () => {
    for (const kind of kinds) {
      for (const { certificate, generation } of generations(kind)) {
        const issuer = sandbox.file("issuer.pem", Buffer.from(new X509Certificate(certificate).toString()));
        const asked = rows.filter((row) => row.kind === kind && row.generation === generation).slice(0, 32);
        const questions = asked.flatMap(({ serial }) => ["-serial", String(serial)]);
        const where = ["-url", `${sandbox.url}/jpki/ocsp/${kind}`, "-nonce", "-issuer", issuer, "-CAfile", issuer];
        const said = await run("ocsp", ...where, ...questions);
        expect(said).toContain("Response verify OK");
        expect(said).not.toContain("WARNING");
        for (const { serial, revoked_at: at, reason } of asked) {
          const lines = said.slice(said.search(new RegExp(`^${serial}: `, "m"))).split("\n");
          expect(lines[0]).toBe(`${serial}: ${at === null ? "good" : "revoked"}`);
          if (at === null) continue;
          const [reasonLine, timeLine] = lines.filter((line) => /Reason|Revocation Time/.test(line));
          const code = Object.keys(reasonCodes).includes(reason);
          expect([code, reasonLine?.trim()]).toEqual([true, `Reason: ${reason}`]);
          expect(Date.parse(timeLine!.split(": ")[1]!)).toBe(at);
        }
      }
    }
  });
});
