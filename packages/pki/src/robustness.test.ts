import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCertificate } from "./certificate.ts";
import { parseCrl } from "./crl.ts";
import { parseJpkiSignatureCertificate } from "./jpki-profile.ts";
import { verifyOcspResponse } from "./ocsp.ts";
import { verifyPath } from "./path.ts";
import { PkiError } from "./pki-error.ts";
import { jpkiWorld, now, ocspResponse, revoked } from "./testing/authority.ts";
import { verifyCrl } from "./verified-crl.ts";

const { authority, leaf } = jpkiWorld();
const issuer = authority.certificate;

const pkits = new URL("../../../vectors/pkits/", import.meta.url);
const sample = (folder: string): Buffer[] =>
  readdirSync(new URL(folder, pkits))
    .filter((_, index) => index % 12 === 0)
    .map((file) => readFileSync(new URL(`${folder}${file}`, pkits)));

const seeds = {
  certificates: [leaf.der, issuer.der, ...sample("certs/")],
  crls: [authority.crl({ entries: [revoked(leaf.serialNumber, 4)] }), ...sample("crls/")],
  responses: [
    ocspResponse(authority, {
      answers: [{ certificate: leaf, issuer }],
      nonce: Buffer.alloc(16),
      certificates: [issuer],
    }),
  ],
};

/** A few octets changed, a piece cut out or doubled, or the end cut off. */
function mutated(originals: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
  return fc
    .record({
      original: fc.constantFrom(...originals),
      changes: fc.array(change, { maxLength: 4 }),
      cut: fc.record({ at: fc.nat(), length: fc.integer({ min: 0, max: 40 }), double: fc.boolean() }),
      keep: fc.double({ min: 0.9, max: 1, noNaN: true }),
    })
    .map(({ original, changes, cut, keep }) => {
      const bytes = Buffer.from(original);
      for (const { at, to } of changes) bytes[at % bytes.length] = to;
      const at = cut.at % bytes.length;
      const tail = bytes.subarray(cut.double ? Math.max(at - cut.length, 0) : at + cut.length);
      const joined = Buffer.concat([bytes.subarray(0, at), tail]);
      return joined.subarray(0, Math.ceil(joined.length * keep));
    });
}

const entrances = {
  certificate: (bytes: Uint8Array) => {
    const certificate = parseCertificate(bytes);
    certificate.subject.toString();
    verifyPath({ certificate, intermediates: [certificate], anchors: [issuer, certificate], time: now });
    parseJpkiSignatureCertificate(certificate);
  },
  CRL: (bytes: Uint8Array) => {
    parseCrl(bytes).entries.find(leaf.serialNumber);
    verifyCrl(bytes, { issuer, time: now }).status(leaf);
  },
  "OCSP response": (bytes: Uint8Array) =>
    verifyOcspResponse(bytes, { certificate: leaf, issuer, time: now, maxAge: 60 }),
};

/** Answers how long it took, in milliseconds. */
function valueOrPkiError(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): number {
  const before = performance.now();
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
  }
  return performance.now() - before;
}

describe.each([
  ["certificate", seeds.certificates],
  ["CRL", seeds.crls],
  ["OCSP response", seeds.responses],
] as const)("%s", (kind, originals) => {
  test("any bytes give a value or PkiError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void valueOrPkiError(entrances[kind], bytes)),
      {
        numRuns: 1000,
      },
    );
  });

  test("changed real bytes give a value or PkiError, soon", () => {
    fc.assert(
      fc.property(mutated(originals), (bytes) => {
        expect(valueOrPkiError(entrances[kind], bytes)).toBeLessThan(1000);
      }),
      { numRuns: 1500 },
    );
  });

  test("every single changed octet of a signed structure is noticed", () => {
    const original = originals[0]!;
    const accepts = (bytes: Buffer): boolean => {
      try {
        if (kind === "certificate") verifyPath({ certificate: parseCertificate(bytes), anchors: [issuer], time: now });
        else if (kind === "CRL") verifyCrl(bytes, { issuer, time: now });
        else verifyOcspResponse(bytes, { certificate: leaf, issuer, time: now, maxAge: 60 });
        return true;
      } catch (error) {
        if (error instanceof PkiError) return false;
        throw error;
      }
    };
    expect(accepts(original)).toBe(true);
    // The certificates that travel beside an OCSP response are not signed by it.
    const end = kind === "OCSP response" ? original.length - issuer.der.length - 8 : original.length;
    for (let at = 0; at < end; at++) {
      const changed = Buffer.from(original);
      changed[at]! ^= 1 << (at % 8);
      if (accepts(changed)) expect.fail(`octet ${at} may be changed`);
    }
  });
});

test("elements nested a hundred thousand deep are refused, not followed", () => {
  const deep = Buffer.alloc(100_000, 0x30);
  for (const read of Object.values(entrances)) expect(valueOrPkiError(read, deep)).toBeLessThan(1000);
});
