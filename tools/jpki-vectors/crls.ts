import { sign } from "node:crypto";
import {
  bitString,
  directoryName,
  element,
  explicit,
  extension,
  integer,
  nullValue,
  objectIdentifier,
  sequence,
  type TestAuthority,
  time,
} from "@xid/pki/testing";
import { base64, changed, type Vector } from "./vector.ts";
import {
  authorityName,
  authorityOf,
  distributionPointName,
  dn,
  type Keys,
  kiyose,
  partition,
  sha256WithRsa,
} from "./world.ts";

const revokedAt = new Date("2026-11-20T06:00:00Z");

type CrlParts = {
  version: Buffer;
  algorithm: Buffer;
  issuer: Buffer;
  thisUpdate: Buffer;
  nextUpdate: Buffer;
  /** Undefined: no list at all. */
  entries: Buffer[] | undefined;
  extensions: Record<string, Buffer>;
};

const reasonCode = (code: number): Buffer => extension("2.5.29.21", false, element(0x0a, Buffer.of(code)));
const entry = (serial: Buffer, ...extensions: Buffer[]): Buffer =>
  sequence(integer(serial), time(revokedAt), ...(extensions.length > 0 ? [sequence(...extensions)] : []));
const number = (value: number): Buffer => extension("2.5.29.20", false, integer(Buffer.of(value)));
const scope = (...parts: Buffer[]): Buffer => extension("2.5.29.28", true, sequence(...parts));
const flag = (bit: number): Buffer => element(0x80 | bit, Buffer.of(0xff));

/** Revocation lists, each asked about `good/signature` of the certificates. */
export function crlVectors(keys: Keys, serial: Buffer): Vector[] {
  const authority = authorityOf(keys.authority);
  const others = [0x20, 0x21, 0x22].map((last) => entry(Buffer.of(2, 0x34, last, 0x10), reasonCode(4)));
  const plain = (): CrlParts => ({
    version: integer(Buffer.of(1)),
    algorithm: sha256WithRsa,
    issuer: authorityName,
    thisUpdate: time(new Date("2026-11-23T15:00:00Z")),
    nextUpdate: time(new Date("2026-11-24T15:00:00Z")),
    entries: others,
    extensions: {
      authorityKey: extension("2.5.29.35", false, sequence(element(0x80, keyIdentifier(authority)))),
      number: number(7),
      scope: scope(distributionPointName(kiyose), flag(1)),
    },
  });
  const of = (id: string, expect: Vector["expect"], change: (parts: CrlParts) => void, by = keys.authority): Vector => {
    const parts = plain();
    change(parts);
    return { id, expect, der: base64(encode(parts, by.privateKey)) };
  };
  const status = (id: string, expect: Vector["expect"], change: (parts: CrlParts) => void) =>
    of(`good/${id}`, expect, change);
  const revoked = (reason: string): Vector["expect"] => ({ status: "revoked", reason, at: revokedAt.toISOString() });
  const broken = (way: string, code: string, change: (parts: CrlParts) => void, by = keys.authority) =>
    of(`crl/${way}`, { code }, change, by);
  const list = encode(plain(), keys.authority.privateKey);
  const bytes = (way: string, code: string, der: Buffer): Vector => ({
    id: `crl/${way}`,
    expect: { code },
    der: base64(der),
  });

  return [
    status("partition", { status: "good" }, () => {}),
    status("partition-without-entries", { status: "good" }, (parts) => {
      parts.entries = undefined;
    }),
    status("complete-list", { status: "good" }, ({ extensions }) => {
      delete extensions.scope;
    }),
    status("partition-of-another-municipality", { status: "unknown" }, ({ extensions }) => {
      extensions.scope = scope(distributionPointName(partition("Kanagawa-ken", "Yokohama-shi-Naka-ku")));
    }),
    status("for-ca-certificates", { status: "unknown" }, ({ extensions }) => {
      extensions.scope = scope(flag(2));
    }),
    status("for-attribute-certificates", { status: "unknown" }, ({ extensions }) => {
      extensions.scope = scope(flag(5));
    }),
    status("for-key-compromise-only", { status: "unknown" }, ({ extensions }) => {
      extensions.scope = scope(distributionPointName(kiyose), element(0x83, Buffer.of(6, 0x40)));
    }),
    ...(
      [
        [0, "unspecified"],
        [1, "keyCompromise"],
        [2, "cACompromise"],
        [3, "affiliationChanged"],
        [4, "superseded"],
        [5, "cessationOfOperation"],
        [6, "certificateHold"],
      ] as const
    ).map(([code, reason]) =>
      status(`revoked-${reason}`, revoked(reason), (parts) => {
        parts.entries = [...others, entry(serial, reasonCode(code))];
      }),
    ),
    status("revoked-without-reason", revoked("unspecified"), (parts) => {
      parts.entries = [entry(serial), ...others];
    }),
    status("revoked-with-invalidity-date", revoked("keyCompromise"), (parts) => {
      const since = extension("2.5.29.24", false, element(0x18, Buffer.from("20261101000000Z")));
      parts.entries = [entry(serial, reasonCode(1), since)];
    }),
    status("revoked-beside-a-serial-of-20-octets", revoked("superseded"), (parts) => {
      parts.entries = [entry(Buffer.alloc(20, 0x7f), reasonCode(1)), entry(serial, reasonCode(4))];
    }),
    status("longer-serial-with-the-same-end", { status: "good" }, (parts) => {
      parts.entries = [entry(Buffer.concat([Buffer.of(1), serial]), reasonCode(1))];
    }),

    bytes("empty", "MALFORMED", Buffer.alloc(0)),
    bytes("cut", "MALFORMED", list.subarray(0, -1)),
    bytes("cut-before-the-version", "MALFORMED", list.subarray(0, 10)),
    bytes("followed-by-more", "MALFORMED", Buffer.concat([list, Buffer.of(0)])),
    bytes("signature-changed", "SIGNATURE_INVALID", changed(list, 1)),
    bytes(
      "entry-changed",
      "SIGNATURE_INVALID",
      changed(list, list.length - list.indexOf(Buffer.of(2, 0x34, 0x20, 0x10)) - 3),
    ),
    broken("signed-by-another-key", "SIGNATURE_INVALID", () => {}, keys.other),
    broken(
      "of-another-key-of-the-same-name",
      "UNTRUSTED",
      ({ extensions }) => {
        extensions.authorityKey = extension(
          "2.5.29.35",
          false,
          sequence(element(0x80, keyIdentifier(authorityOf(keys.other)))),
        );
      },
      keys.other,
    ),
    broken("of-another-issuer", "UNTRUSTED", (parts) => {
      parts.issuer = dn(["C", "JP"], ["O", "SIM-JPKI"], ["OU", "JPKI for user authentication"]);
    }),
    broken("ended", "STALE", (parts) => {
      parts.nextUpdate = time(new Date("2026-11-24T02:59:59Z"));
    }),
    broken("of-the-future", "STALE", (parts) => {
      parts.thisUpdate = time(new Date("2026-11-24T03:00:01Z"));
    }),
    broken("without-next-update", "MALFORMED", (parts) => {
      parts.nextUpdate = Buffer.alloc(0);
    }),
    broken("version-1", "UNSUPPORTED", (parts) => {
      parts.version = Buffer.alloc(0);
    }),
    broken("algorithm-differs-inside", "MALFORMED", (parts) => {
      parts.algorithm = sequence(objectIdentifier("1.2.840.113549.1.1.12"), nullValue());
    }),
    broken("empty-list", "MALFORMED", (parts) => {
      parts.entries = [];
    }),
    broken("without-number", "PROFILE", ({ extensions }) => {
      delete extensions.number;
    }),
    broken("number-critical", "PROFILE", ({ extensions }) => {
      extensions.number = extension("2.5.29.20", true, integer(Buffer.of(7)));
    }),
    broken("scope-not-critical", "PROFILE", ({ extensions }) => {
      extensions.scope = extension("2.5.29.28", false, sequence(flag(1)));
    }),
    broken("scope-default-written-out", "MALFORMED", ({ extensions }) => {
      extensions.scope = scope(element(0x81, Buffer.of(0)));
    }),
    broken("delta", "UNSUPPORTED", ({ extensions }) => {
      extensions.delta = extension("2.5.29.27", true, integer(Buffer.of(6)));
    }),
    broken("unknown-critical-extension", "UNKNOWN_CRITICAL_EXTENSION", ({ extensions }) => {
      extensions.unknown = extension("1.2.392.200149.8.5.99", true, nullValue());
    }),
    broken("extension-twice", "MALFORMED", ({ extensions }) => {
      extensions.again = extensions.number!;
    }),
    broken("entry-with-unknown-critical-extension", "UNKNOWN_CRITICAL_EXTENSION", (parts) => {
      parts.entries = [entry(serial, extension("1.2.392.200149.8.5.99", true, nullValue()))];
    }),
    broken("entry-with-reason-7", "MALFORMED", (parts) => {
      parts.entries = [entry(serial, reasonCode(7))];
    }),
    broken("entry-with-reason-11", "MALFORMED", (parts) => {
      parts.entries = [entry(serial, reasonCode(11))];
    }),
    broken("entry-with-no-extension", "MALFORMED", (parts) => {
      parts.entries = [sequence(integer(serial), time(revokedAt), sequence())];
    }),
    broken("entry-with-more", "MALFORMED", (parts) => {
      parts.entries = [sequence(integer(serial), time(revokedAt), sequence(reasonCode(1)), nullValue())];
    }),
    broken("entry-without-time", "MALFORMED", (parts) => {
      parts.entries = [sequence(integer(serial))];
    }),
    broken("entry-at-25-o-clock", "MALFORMED", (parts) => {
      parts.entries = [sequence(integer(serial), element(0x17, Buffer.from("261120250000Z")))];
    }),
    broken("entry-with-serial-not-minimal", "MALFORMED", (parts) => {
      parts.entries = [entry(Buffer.concat([Buffer.of(0), serial]))];
    }),
    broken("entry-of-another-issuer", "MALFORMED", (parts) => {
      const issuer = extension("2.5.29.29", true, sequence(directoryName(dn(["C", "JP"], ["O", "elsewhere"]))));
      parts.entries = [entry(serial, issuer)];
    }),
    broken("entry-longer-than-the-list", "MALFORMED", (parts) => {
      parts.entries = [Buffer.concat([Buffer.of(0x30, 0x7f), entry(serial).subarray(2)])];
    }),
  ];
}

const keyIdentifier = ({ certificate }: TestAuthority): Buffer => certificate.extensions.subjectKeyIdentifier!;

function encode(
  { version, algorithm, issuer, thisUpdate, nextUpdate, entries, extensions }: CrlParts,
  key: Parameters<typeof sign>[2],
): Buffer {
  const list = entries === undefined ? [] : [sequence(...entries)];
  const after = explicit(0, sequence(...Object.values(extensions)));
  const tbs = sequence(version, algorithm, issuer, thisUpdate, nextUpdate, ...list, after);
  return sequence(tbs, sha256WithRsa, bitString(sign("sha256", tbs, key as never)));
}
