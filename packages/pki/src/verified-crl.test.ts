import { describe, expect, test } from "vitest";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { element, integer, sequence, time } from "./der/writer.ts";
import { extensionIds, keyUsage } from "./extensions.ts";
import {
  directoryName,
  distributionPoint,
  ecKeyPair,
  extension,
  jpkiWorld,
  name,
  now,
  revoked,
  signatureUsage,
  TestAuthority,
  usage,
} from "./testing/authority.ts";
import { verifyCrl } from "./verified-crl.ts";

const { authority, leaf, leafKeys, partition } = jpkiWorld();
const issuer = authority.certificate;
const code = (code: string) => expect.objectContaining({ code });
const other = Buffer.of(0x11);

/** issuingDistributionPoint, critical. */
const scope = (...parts: Buffer[]): Buffer => extension("2.5.29.28", true, sequence(...parts));
const scopeName = (full: Buffer): Buffer =>
  element(contextConstructed(0), element(contextConstructed(0), directoryName(full)));
const flag = (number: number): Buffer => element(context(number), Buffer.of(0xff));
const inPartition = scope(scopeName(partition));

const statusIn = (crl: Buffer, certificate = leaf) => verifyCrl(crl, { issuer, time: now }).status(certificate);

describe("CRL", () => {
  test("says good for what is not on it and when that was true", () => {
    expect(statusIn(authority.crl({ entries: [revoked(other, 4)], extensions: [inPartition] }))).toEqual({
      status: "good",
      producedAt: new Date("2026-11-01T00:00:00Z"),
      nextUpdate: new Date("2026-11-02T00:00:00Z"),
    });
    expect(statusIn(authority.crl({})).status).toBe("good");
  });

  test("says when and why a certificate was revoked", () => {
    const entries = [revoked(other, 1), revoked(leaf.serialNumber, 3)];
    expect(statusIn(authority.crl({ entries, extensions: [inPartition] }))).toEqual({
      status: "revoked",
      at: new Date("2026-10-31T15:00:00Z"),
      reason: "affiliationChanged",
    });
  });

  test("takes an entry without reason as unspecified", () => {
    const entries = [sequence(integer(leaf.serialNumber), time(now))];
    expect(statusIn(authority.crl({ entries }))).toMatchObject({ status: "revoked", reason: "unspecified" });
  });

  test("finds each of many entries, and nothing else", () => {
    const serials = Array.from({ length: 3000 }, (_, index) => Buffer.of(0x40, index >> 8, index & 0xff, 7));
    const crl = verifyCrl(authority.crl({ entries: serials.map((serial) => revoked(serial, 4)) }), {
      issuer,
      time: now,
    });
    expect(crl.entryCount).toBe(3000);
    for (const serial of serials) expect(crl.crl.entries.find(serial)).toMatchObject({ reason: "superseded" });
    for (const serial of serials) expect(crl.crl.entries.find(serial.subarray(0, 3))).toBeUndefined();
  });

  test.each([
    ["another distribution point", scope(scopeName(name(["2.5.4.3", "elsewhere"])))],
    ["CA certificates only", scope(flag(2))],
    ["attribute certificates only", scope(flag(5))],
    ["some reasons only", scope(element(context(3), Buffer.of(6, 0x40)))],
  ])("answers nothing when it is for %s", (_, extensionOf) => {
    expect(statusIn(authority.crl({ extensions: [extensionOf] }))).toEqual({ status: "unknown" });
  });

  test("under the issuer's own name is the whole only for certificates that name no other place", () => {
    const crl = authority.crl({ extensions: [scope(scopeName(authority.name))] });
    const extensions = [signatureUsage];
    const placeless = authority.issue({ subject: leaf.subject.der, publicKey: leafKeys.publicKey, extensions });
    expect(statusIn(crl, placeless).status).toBe("good");
    expect(statusIn(crl)).toEqual({ status: "unknown" });
  });

  test("for users only answers for users", () => {
    const crl = verifyCrl(authority.crl({ extensions: [scope(flag(1))] }), { issuer, time: now });
    expect(crl.status(leaf).status).toBe("good");
    expect(crl.status(issuer).status).toBe("unknown");
  });

  test("answers nothing about certificates of another key of the same name", () => {
    const older = new TestAuthority({ keys: ecKeyPair(), name: authority.name });
    const certificate = older.issue({
      subject: leaf.subject.der,
      publicKey: leafKeys.publicKey,
      extensions: [signatureUsage],
    });
    expect(statusIn(authority.crl({}), certificate)).toEqual({ status: "unknown" });
  });

  test("with some reasons still says revoked", () => {
    const extensions = [scope(element(context(3), Buffer.of(6, 0x40)))];
    expect(statusIn(authority.crl({ entries: [revoked(leaf.serialNumber, 1)], extensions })).status).toBe("revoked");
  });

  test("is refused before and after its time", () => {
    const crl = authority.crl({});
    expect(() => verifyCrl(crl, { issuer, time: new Date("2026-10-31T23:59:59Z") })).toThrow(code("STALE"));
    expect(() => verifyCrl(crl, { issuer, time: new Date("2026-11-02T00:00:01Z") })).toThrow(code("STALE"));
    expect(() => verifyCrl(crl, { issuer, time: new Date(Number.NaN) })).toThrow(code("STALE"));
  });

  test("is refused when another issuer or key signed it, or it was changed", () => {
    const elsewhere = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "elsewhere"]) });
    expect(() => verifyCrl(elsewhere.crl({}), { issuer, time: now })).toThrow(code("UNTRUSTED"));
    const sameName = new TestAuthority({ keys: ecKeyPair(), name: authority.name });
    expect(() => verifyCrl(sameName.crl({}), { issuer, time: now })).toThrow(code("UNTRUSTED"));
    const changed = authority.crl({ entries: [revoked(leaf.serialNumber, 4)] });
    changed[changed.indexOf(leaf.serialNumber) + 3]! ^= 1;
    expect(() => verifyCrl(changed, { issuer, time: now })).toThrow(code("SIGNATURE_INVALID"));
  });

  test("is refused from a CA that may not sign CRLs", () => {
    const mute = new TestAuthority({
      keys: ecKeyPair(),
      name: authority.name,
      extensions: [
        usage(keyUsage.keyCertSign),
        extension(extensionIds.basicConstraints, true, sequence(element(tags.boolean, Buffer.of(0xff)))),
      ],
    });
    expect(() => verifyCrl(mute.crl({}), { issuer: mute.certificate, time: now })).toThrow(code("KEY_USAGE"));
  });

  test.each([
    ["an unknown critical extension", { extensions: [extension("1.2.3", true, Buffer.of(5, 0))] }],
    ["an entry with one", { entries: [revoked(other, 4, extension("1.2.3", true, Buffer.of(5, 0)))] }],
  ])("is refused with %s", (_, contents) => {
    expect(() => verifyCrl(authority.crl(contents), { issuer, time: now })).toThrow(code("UNKNOWN_CRITICAL_EXTENSION"));
  });

  test("that only lists changes is refused", () => {
    const delta = authority.crl({ extensions: [extension("2.5.29.27", true, integer(Buffer.of(1)))] });
    expect(() => verifyCrl(delta, { issuer, time: now })).toThrow(code("UNSUPPORTED"));
  });

  test("indirect, tells the issuers of its entries apart", () => {
    const stranger = name(["2.5.4.3", "stranger"]);
    const ofStranger = extension("2.5.29.29", true, sequence(directoryName(stranger)));
    const ofOurs = extension("2.5.29.29", true, sequence(directoryName(authority.name)));
    const extensions = [scope(flag(4))];
    const theirs = [revoked(other, 4, ofStranger), revoked(leaf.serialNumber, 4)];
    expect(statusIn(authority.crl({ entries: theirs, extensions })).status).toBe("good");
    const both = [...theirs, revoked(leaf.serialNumber, 4, ofOurs)];
    expect(statusIn(authority.crl({ entries: both, extensions })).status).toBe("revoked");
    expect(() => statusIn(authority.crl({ entries: theirs }))).toThrow(code("MALFORMED"));
  });

  test("uses distribution points by name only where both have one", () => {
    const plain = authority.issue({
      subject: leaf.subject.der,
      publicKey: leafKeys.publicKey,
      extensions: [extension(extensionIds.crlDistributionPoints, false, distributionPoint(name(["2.5.4.3", "b"])))],
    });
    expect(statusIn(authority.crl({ extensions: [inPartition] }), plain).status).toBe("unknown");
    expect(statusIn(authority.crl({}), plain).status).toBe("good");
  });
});
