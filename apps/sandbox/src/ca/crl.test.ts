import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseCertificate, verifyCrl } from "@xid/pki";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Person } from "../people/present.ts";
import { certificateOnCard, certificatesOfPerson } from "../store/certificates.ts";
import { openssl, opensslMissing, startTestWorld, type TestWorld } from "../test-world.ts";
import { entrySize, longestEntry, writeEntry } from "./crl-entry.ts";
import { writeCrl } from "./crl-file.ts";
import { type Reason, reasonCodes } from "./kind.ts";

let now = new Date("2026-11-24T03:00:00Z");
let sandbox: TestWorld;
let revoked: Person;
let kiyose: string;
beforeAll(async () => {
  sandbox = await startTestWorld(() => now);
  const { authorities } = sandbox.world;
  revoked = await sandbox.register("certificate-revoked", { address: "東京都清瀬市" });
  await sandbox.register("certificate-revoked", { address: "高松市" });
  kiyose = `signature/${authorities.issuing("signature", now).keyIdentifier}/13221.crl`;
});
afterAll(() => sandbox.close());

async function fetchCrl(path: string): Promise<Buffer> {
  const response = await fetch(`${sandbox.url}/jpki/crl/${path}`);
  const der = Buffer.from(await response.arrayBuffer());
  expect([response.status, response.headers.get("content-length")]).toEqual([200, String(der.length)]);
  return der;
}
const issuer = () => parseCertificate(sandbox.world.authorities.issuing("signature", now).certificate);
const certificateOf = ({ id }: Person) =>
  parseCertificate(certificateOnCard(certificatesOfPerson(sandbox.world.database, id), "signature")!.der!);

test("a verifier finds a revoked certificate in its municipality's list and in the complete one", async () => {
  const expected = { status: "revoked", reason: "cessationOfOperation" };
  for (const path of [kiyose, "signature.crl"]) {
    const list = verifyCrl(await fetchCrl(path), { issuer: issuer(), time: now });
    expect(list.status(certificateOf(revoked))).toMatchObject(expected);
  }
});

test("a municipality's list says nothing of the certificates of another", async () => {
  const list = verifyCrl(await fetchCrl(kiyose), { issuer: issuer(), time: now });
  expect(list.entryCount).toBe(1);
  const elsewhere = await sandbox.register("default", { address: "札幌市中央区" });
  expect(list.status(certificateOf(elsewhere))).toEqual({ status: "unknown" });
  const here = await sandbox.register("default", { address: "東京都清瀬市" });
  expect(list.status(certificateOf(here))).toMatchObject({ status: "good" });
});

test("each generation has a list of its own, signed with its own key", async () => {
  const [older, newer] = sandbox.world.authorities.generations("signature");
  const list = await fetchCrl(`signature/${older!.keyIdentifier}.crl`);
  const time = now;
  expect(verifyCrl(list, { issuer: parseCertificate(older!.certificate), time }).entryCount).toBe(0);
  expect(() => verifyCrl(list, { issuer: parseCertificate(newer!.certificate), time })).toThrow();
});

test("lists end an hour after midnight in Japan, and the next one comes at midnight", async () => {
  const read = async () => verifyCrl(await fetchCrl("authentication.crl"), { issuer: authentication, time: now });
  const authentication = parseCertificate(sandbox.world.authorities.issuing("authentication", now).certificate);
  const first = await read();
  expect([first.thisUpdate, first.nextUpdate]).toEqual([now, new Date("2026-11-24T16:00:00Z")]);
  now = new Date("2026-11-24T14:59:59Z");
  expect((await read()).number).toBe(first.number);
  now = new Date("2026-11-24T15:00:00Z");
  const next = await read();
  expect(next.number > first.number).toBe(true);
  expect(next.nextUpdate).toEqual(new Date("2026-11-25T16:00:00Z"));
});

test.skipIf(process.platform !== "linux")("who only asks how long a list is leaves no file open", async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  const { length } = await fetchCrl("signature.crl");
  const before = open();
  for (let count = 0; count < 20; count++) {
    const response = await fetch(`${sandbox.url}/jpki/crl/signature.crl`, { method: "HEAD" });
    expect(response.headers.get("content-length")).toBe(String(length));
  }
  expect(open()).toBeLessThan(before + 20);
});

test("a list asked for by many at once is made once", async () => {
  const numbers = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const der = await fetchCrl("signature.crl");
      return verifyCrl(der, { issuer: issuer(), time: now }).number;
    }),
  );
  expect(new Set(numbers).size).toBe(1);
});

test.each(["signature/00.crl", `signature/${"00".repeat(20)}.crl`, `signature/${"00".repeat(20)}/13221.crl`])(
  "there is no list at %s",
  async (path) => {
    expect((await fetch(`${sandbox.url}/jpki/crl/${path}`)).status).toBe(404);
  },
);

test("there is no list of a municipality that does not exist", async () => {
  expect((await fetch(`${sandbox.url}/jpki/crl/${kiyose.replace("13221", "99999")}`)).status).toBe(404);
});

const entry = fc.record({
  serial: fc.nat(2 ** 40),
  at: fc
    .date({ min: new Date("1990-01-01"), max: new Date("2079-01-01"), noInvalidDate: true })
    .map((date) => Math.floor(date.getTime() / 1000) * 1000),
  reason: fc.constantFrom(...(Object.keys(reasonCodes) as Reason[])),
});

test("an entry is as long as was foretold, whatever is in it", () => {
  fc.assert(
    fc.property(entry, (one) => {
      const written = writeEntry(Buffer.alloc(longestEntry), 0, one);
      expect(written).toBe(entrySize(one));
    }),
  );
});

describe.skipIf(opensslMissing)(`openssl reads the lists (${opensslMissing ?? "installed"})`, () => {
  const text = (der: Buffer, caFile: string) => {
    const file = sandbox.file("list.crl", der);
    return openssl("crl", "-inform", "der", "-in", file, "-CAfile", caFile, "-noout", "-text");
  };
  const caFile = async () =>
    sandbox.file("ca.pem", Buffer.from(await (await fetch(`${sandbox.url}/jpki/ca/signature.pem`)).arrayBuffer()));

  test("it finds the partition in a critical extension", async () => {
    expect(text(await fetchCrl(kiyose), await caFile())).toMatch(
      /Issuing Distribution Point: critical\s+Full Name:\s+DirName:\s?C = JP, O = SIM-JPKI, OU = JPKI for digital signature, OU = CRL Distribution Points, OU = Tokyo-to, CN = Kiyose-shi CRLDP/,
    );
  });

  test("it reads every serial number, time and reason that is written", async () => {
    const authority = sandbox.world.authorities.issuing("signature", now);
    const entries = [
      { serial: 1, at: Date.UTC(1999, 11, 31, 23, 59, 58), reason: "unspecified" },
      { serial: 0x7f, at: Date.UTC(2026, 0, 2, 3, 4, 5), reason: "keyCompromise" },
      { serial: 0x80, at: Date.UTC(2049, 11, 31, 23, 59, 59), reason: "superseded" },
      { serial: 0x067c6a21, at: Date.UTC(2050, 0, 1), reason: "certificateHold" },
      { serial: 0xff_ffff_ffff, at: Date.UTC(2026, 6, 7), reason: "affiliationChanged" },
    ] as const;
    const path = sandbox.file("made.crl", Buffer.of());
    const [thisUpdate, nextUpdate] = [now, new Date(now.getTime() + 1000)];
    const contents = { number: 255, thisUpdate, nextUpdate, distributionPoint: undefined, entries: () => entries };
    await writeCrl(path, authority, contents);
    const read = text(await readFile(path), await caFile());
    const found = [
      ...read.matchAll(/Serial Number: (\w+)\n\s+Revocation Date: (.*)(?:\n\s+CRL entry extensions:\n.*\n\s+(.*))?/g),
    ];
    expect(found.map(([, serial, at, reason]) => [serial, at, reason])).toEqual([
      ["01", "Dec 31 23:59:58 1999 GMT", undefined],
      ["7F", "Jan  2 03:04:05 2026 GMT", "Key Compromise"],
      ["80", "Dec 31 23:59:59 2049 GMT", "Superseded"],
      ["067C6A21", "Jan  1 00:00:00 2050 GMT", "Certificate Hold"],
      ["FFFFFFFFFF", "Jul  7 00:00:00 2026 GMT", "Affiliation Changed"],
    ]);
  });
});
