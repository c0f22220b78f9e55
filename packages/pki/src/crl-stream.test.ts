import { describe, expect, test } from "vitest";
import { type CrlStreamInput, verifyCrlStream } from "./crl-stream.ts";
import { context, contextConstructed } from "./der/tags.ts";
import { element, integer, sequence } from "./der/writer.ts";
import {
  directoryName,
  ecKeyPair,
  extension,
  jpkiWorld,
  name,
  now,
  revoked,
  TestAuthority,
} from "./testing/authority.ts";
import { verifyCrl } from "./verified-crl.ts";

const { authority, leaf, partition } = jpkiWorld();
const issuer = authority.certificate;
const code = (code: string) => expect.objectContaining({ code });

const scope = (...parts: Buffer[]): Buffer => extension("2.5.29.28", true, sequence(...parts));
const inPartition = scope(element(contextConstructed(0), element(contextConstructed(0), directoryName(partition))));

/** Large enough for several windows. */
const serials = Array.from({ length: 20_000 }, (_, index) => Buffer.of(0x02, index >> 8, index & 0xff, 7));
const large = authority.crl({
  entries: [...serials.map((serial) => revoked(serial, 4)), revoked(leaf.serialNumber, 3)],
  extensions: [inPartition],
});

function chunks(der: Buffer, octets: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < der.length; at += octets) parts.push(der.subarray(at, at + octets));
  return parts;
}

const read = (der: Buffer, options: Partial<CrlStreamInput> & { octets?: number } = {}) =>
  verifyCrlStream(chunks(der, options.octets ?? 65_536), { issuer, time: now, maxOctets: 2 ** 24, ...options });

describe("a CRL that arrives in chunks", () => {
  test.each([1_000, 65_536, 262_144, 300_000, 10_000_000])(
    "of %i octets says what the whole one says",
    async (octets) => {
      const [streamed, whole] = [await read(large, { octets }), verifyCrl(large, { issuer, time: now })];
      expect(streamed.entryCount).toBe(20_001);
      expect(streamed.status(leaf)).toEqual(whole.status(leaf));
      expect(streamed.status(leaf)).toMatchObject({ status: "revoked", reason: "affiliationChanged" });
      expect(streamed.number).toBe(whole.number);
      for (const serial of serials) expect(streamed.crl.entries.find(serial)?.reason).toBe("superseded");
      expect(streamed.crl.entries.find(Buffer.of(0x02, 0x4e, 0x20, 7))).toBeUndefined();
    },
  );

  test.each([
    ["without entries", {}],
    ["of one entry", { entries: [revoked(Buffer.of(1), 1)] }],
  ])("may be one %s, octet by octet", async (_, contents) => {
    const list = await read(authority.crl(contents), { octets: 1 });
    expect(list.status(leaf).status).toBe("good");
  });

  test("may reuse its chunks", async () => {
    async function* reusing() {
      const buffer = Buffer.alloc(7_000);
      for (const part of chunks(large, 7_000)) {
        part.copy(buffer);
        yield buffer.subarray(0, part.length);
      }
    }
    const list = await verifyCrlStream(reusing(), { issuer, time: now, maxOctets: 2 ** 24 });
    expect(list.status(leaf).status).toBe("revoked");
  });

  test("is refused with any octet of a small one changed", async () => {
    const small = authority.crl({ entries: [revoked(leaf.serialNumber, 4)], extensions: [inPartition] });
    for (let at = 0; at < small.length; at++) {
      const changed = Buffer.from(small);
      changed[at]! ^= 1 << (at % 8);
      await expect(read(changed), `octet ${at}`).rejects.toMatchObject({ name: "PkiError" });
    }
  });

  test("is refused with one bit of one of many entries changed", async () => {
    const changed = Buffer.from(large);
    changed[changed.indexOf(serials[15_000]!) + 3]! ^= 1;
    await expect(read(changed)).rejects.toEqual(code("SIGNATURE_INVALID"));
  });

  test.each([
    ["cut in its beginning", (der: Buffer) => der.subarray(0, 20)],
    ["cut among its entries", (der: Buffer) => der.subarray(0, 400_000)],
    ["cut in its end", (der: Buffer) => der.subarray(0, -1)],
    ["nothing at all", () => Buffer.of()],
    ["followed by more", (der: Buffer) => Buffer.concat([der, Buffer.of(0)])],
  ])("is refused when it is %s", async (_, change) => {
    await expect(read(change(large))).rejects.toEqual(code("MALFORMED"));
  });

  test("is refused wherever it is cut", async () => {
    const small = authority.crl({ entries: [revoked(leaf.serialNumber, 4)] });
    for (let octets = 0; octets < small.length; octets++) {
      await expect(read(small.subarray(0, octets)), `${octets} octets`).rejects.toMatchObject({ name: "PkiError" });
    }
  });

  test("is refused as soon as it is longer than allowed", async () => {
    let asked = 0;
    function* endless() {
      for (const part of chunks(large, 65_536)) {
        asked++;
        yield part;
      }
    }
    const reading = verifyCrlStream(endless(), { issuer, time: now, maxOctets: 100_000 });
    await expect(reading).rejects.toEqual(code("TOO_COMPLEX"));
    expect(asked).toBe(2);
  });

  test("is refused with an entry, or an end, that no window holds", async () => {
    const long = Buffer.alloc(300_000);
    const entry = revoked(Buffer.of(9), 1, extension("1.2.3", false, long));
    await expect(read(authority.crl({ entries: [entry] }))).rejects.toEqual(code("TOO_COMPLEX"));
    const end = authority.crl({ extensions: [extension("1.2.3", false, long)] });
    await expect(read(end)).rejects.toEqual(code("TOO_COMPLEX"));
  });

  test.each([
    [
      "an unknown critical extension",
      { extensions: [extension("1.2.3", true, Buffer.of(5, 0))] },
      "UNKNOWN_CRITICAL_EXTENSION",
    ],
    [
      "an entry with one",
      { entries: [revoked(Buffer.of(1), 4, extension("1.2.3", true, Buffer.of(5, 0)))] },
      "UNKNOWN_CRITICAL_EXTENSION",
    ],
    ["changes only", { extensions: [extension("2.5.29.27", true, integer(Buffer.of(1)))] }, "UNSUPPORTED"],
    ["entries of other issuers", { extensions: [scope(element(context(4), Buffer.of(0xff)))] }, "UNSUPPORTED"],
    ["an empty list of entries", { entries: [] }, "MALFORMED"],
  ])("is refused with %s", async (_, contents, expected) => {
    await expect(read(authority.crl(contents))).rejects.toEqual(code(expected));
  });

  test("is refused from another issuer or key, and at another time", async () => {
    const elsewhere = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "elsewhere"]) });
    await expect(read(elsewhere.crl({}))).rejects.toEqual(code("UNTRUSTED"));
    const sameName = new TestAuthority({ keys: ecKeyPair(), name: authority.name });
    await expect(read(sameName.crl({}))).rejects.toEqual(code("SIGNATURE_INVALID"));
    await expect(read(large, { time: new Date("2026-11-02T00:00:01Z") })).rejects.toEqual(code("STALE"));
  });

  test("passes on the error of whoever sends it", async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield large.subarray(0, 100_000);
      throw new RangeError("connection lost");
    }
    await expect(verifyCrlStream(failing(), { issuer, time: now, maxOctets: 2 ** 24 })).rejects.toThrow(RangeError);
  });
});
