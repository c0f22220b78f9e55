import { sign } from "node:crypto";
import {
  bitString,
  boolean,
  element,
  explicit,
  extension,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  time,
  unsignedInteger,
  usage,
} from "@xid/pki/testing";
import { base64, changed, type Vector } from "./vector.ts";
import {
  authenticationCertificateParts,
  authorityOf,
  dn,
  encode,
  type Holder,
  hanako,
  type Keys,
  type Parts,
  personalNames,
  policy,
  sha256WithRsa,
  signatureCertificateParts,
} from "./world.ts";

const sha1WithRsa = sequence(objectIdentifier("1.2.840.113549.1.1.5"), nullValue());
const critical = (id: string, value: Buffer): Buffer => extension(id, true, value);

/** Certificates, each to be parsed, to have a path to the anchor at the time for the kind's policy, and to be of the profile. */
export function certificateVectors(keys: Keys): Vector[] {
  const authority = authorityOf(keys.authority);
  const signer = keys.authority.privateKey;
  const fresh = (holder: Holder = hanako) => signatureCertificateParts(authority, keys.holder.publicKey, holder);
  const good = (id: string, holder: Partial<Holder>): Vector => ({
    id: `good/${id}`,
    expect: { kind: "signature" },
    der: base64(encode(fresh({ ...hanako, ...holder }), signer)),
  });
  const broken = (way: string, code: string, change: (parts: Parts) => void, by = signer): Vector => {
    const parts = fresh();
    change(parts);
    return { id: `signature/${way}`, expect: { code }, der: base64(encode(parts, by)) };
  };
  const bytes = (way: string, code: string, der: Buffer): Vector => ({
    id: `signature/${way}`,
    expect: { code },
    der: base64(der),
  });
  const person = (way: string, code: string, holder: Partial<Holder>): Vector => ({
    id: `signature/${way}`,
    expect: { code },
    der: base64(encode(fresh({ ...hanako, ...holder }), signer)),
  });
  const names = (way: string, code: string, change: (names: Buffer[]) => Buffer[]): Vector =>
    broken(way, code, ({ extensions }) => {
      extensions.subjectAltName = extension("2.5.29.17", false, sequence(...change(personalNames(hanako))));
    });
  const authentication = authenticationCertificateParts(authority, keys.holder.publicKey);
  const plain = encode(fresh(), signer);
  const tbsEnd = 4 + 4 + plain.readUInt16BE(6);

  return [
    good("signature", {}),
    { id: "good/authentication", expect: { kind: "authentication" }, der: base64(encode(authentication, signer)) },
    good("substitute-characters", {
      name: "渡〓　太郎",
      nameSubstitutes: "01000",
      address: "東京都〓飾区立石５丁目１３番１号",
      addressSubstitutes: "0001000000000000",
    }),
    good("long-foreign-name", {
      name: "ＧＡＲＣＩＡ　ＭＡＲＱＵＥＺ　ＭＡＲＩＡ　ＤＥＬ　ＣＡＲＭＥＮ　ＧＵＡＤＡＬＵＰＥ",
      nameSubstitutes: "",
    }),
    good("unknown-birth-day", { birthdate: "319450800" }),
    good("unknown-birth-date", { birthdate: "000000000" }),
    good("29-february", { birthdate: "420000229" }),
    good("longest-address", { address: "東".repeat(200), addressSubstitutes: "0".repeat(200) }),

    bytes("empty", "MALFORMED", Buffer.alloc(0)),
    bytes("cut", "MALFORMED", plain.subarray(0, -1)),
    bytes("followed-by-more", "MALFORMED", Buffer.concat([plain, Buffer.of(0)])),
    bytes("length-not-minimal", "MALFORMED", Buffer.concat([Buffer.from([0x30, 0x83, 0]), plain.subarray(2)])),
    bytes(
      "length-indefinite",
      "MALFORMED",
      Buffer.concat([Buffer.from([0x30, 0x80]), plain.subarray(4), Buffer.alloc(2)]),
    ),
    bytes("signature-changed", "SIGNATURE_INVALID", changed(plain, 1)),
    bytes("contents-changed", "SIGNATURE_INVALID", changed(plain, plain.length - plain.indexOf("模擬　花子") - 5)),
    bytes(
      "signature-cut",
      "SIGNATURE_INVALID",
      sequence(plain.subarray(4, tbsEnd), sha256WithRsa, bitString(plain.subarray(-256, -1))),
    ),
    bytes(
      "signature-of-half-octets",
      "MALFORMED",
      sequence(plain.subarray(4, tbsEnd), sha256WithRsa, element(3, Buffer.of(1), plain.subarray(-256))),
    ),
    broken("signed-by-another-key", "SIGNATURE_INVALID", () => {}, keys.other.privateKey),
    broken(
      "of-another-key-of-the-same-name",
      "UNTRUSTED",
      (parts) =>
        Object.assign(parts, {
          extensions: {
            ...parts.extensions,
            authorityKey: signatureCertificateParts(authorityOf(keys.other), keys.holder.publicKey, hanako).extensions
              .authorityKey,
          },
        }),
      keys.other.privateKey,
    ),
    broken("of-another-issuer", "UNTRUSTED", (parts) => {
      parts.issuer = dn(["C", "JP"], ["O", "SIM-JPKI"], ["OU", "JPKI for user authentication"]);
    }),
    broken("algorithm-differs-inside", "MALFORMED", (parts) => {
      parts.algorithm = sequence(objectIdentifier("1.2.840.113549.1.1.12"), nullValue());
    }),
    sha1(fresh(), keys),
    broken("version-1", "UNSUPPORTED", (parts) => {
      parts.version = Buffer.alloc(0);
    }),
    broken("version-2", "UNSUPPORTED", (parts) => {
      parts.version = explicit(0, integer(Buffer.of(1)));
    }),
    broken("version-default-written-out", "MALFORMED", (parts) => {
      parts.version = explicit(0, integer(Buffer.of(0)));
    }),
    broken("serial-not-minimal", "MALFORMED", (parts) => {
      parts.serial = integer(Buffer.of(0, 2));
    }),
    broken("serial-empty", "MALFORMED", (parts) => {
      parts.serial = integer(Buffer.alloc(0));
    }),
    broken("serial-of-21-octets", "PROFILE", (parts) => {
      parts.serial = unsignedInteger(Buffer.alloc(21, 1));
    }),
    broken("serial-zero", "PROFILE", (parts) => {
      parts.serial = integer(Buffer.of(0));
    }),
    broken("expired", "EXPIRED", (parts) => {
      parts.validity = sequence(time(new Date("2021-01-01T00:00:00Z")), time(new Date("2026-11-24T02:59:59Z")));
    }),
    broken("not-yet-valid", "NOT_YET_VALID", (parts) => {
      parts.validity = sequence(time(new Date("2026-11-24T03:00:01Z")), time(new Date("2030-01-01T00:00:00Z")));
    }),
    broken("time-without-seconds", "MALFORMED", (parts) => {
      parts.validity = sequence(element(0x17, Buffer.from("2604010123Z")), time(new Date("2030-01-01T00:00:00Z")));
    }),
    broken("time-with-an-offset", "MALFORMED", (parts) => {
      parts.validity = sequence(
        element(0x17, Buffer.from("260401012345+0900")),
        time(new Date("2030-01-01T00:00:00Z")),
      );
    }),
    broken("30-february", "MALFORMED", (parts) => {
      parts.validity = sequence(element(0x17, Buffer.from("260230000000Z")), time(new Date("2030-01-01T00:00:00Z")));
    }),
    broken("name-not-utf8", "MALFORMED", (parts) => {
      parts.subject = withCommonName(element(0x0c, Buffer.of(0xc0, 0x80)));
    }),
    broken("name-not-printable", "MALFORMED", (parts) => {
      parts.subject = withCommonName(element(0x13, Buffer.from("a\0b")));
    }),
    broken("no-subject", "PROFILE", (parts) => {
      parts.subject = sequence();
    }),
    broken("name-with-an-empty-part", "MALFORMED", (parts) => {
      parts.subject = sequence(element(0x31));
    }),
    broken("rsa-1024", "WEAK_ALGORITHM", (parts) => {
      parts.publicKey = keys.weak.publicKey.export({ format: "der", type: "spki" });
    }),
    broken("rsa-exponent-1", "WEAK_ALGORITHM", (parts) => {
      parts.publicKey = rsaKey(keys, Buffer.of(1));
    }),
    broken("rsa-exponent-even", "WEAK_ALGORITHM", (parts) => {
      parts.publicKey = rsaKey(keys, Buffer.of(1, 0, 0));
    }),
    broken("key-of-an-unknown-algorithm", "UNSUPPORTED", (parts) => {
      parts.publicKey = sequence(sequence(objectIdentifier("1.3.101.112")), bitString(Buffer.alloc(32, 1)));
    }),
    broken("extension-twice", "MALFORMED", ({ extensions }) => {
      extensions.again = extensions.keyUsage!;
    }),
    broken("unknown-critical-extension", "UNKNOWN_CRITICAL_EXTENSION", ({ extensions }) => {
      extensions.unknown = critical("1.2.392.200149.8.5.99", nullValue());
    }),
    broken("critical-false-written-out", "MALFORMED", ({ extensions }) => {
      extensions.subjectKey = withCritical(extensions.subjectKey!, boolean(false));
    }),
    broken("critical-is-01", "MALFORMED", ({ extensions }) => {
      extensions.policies = sequence(
        objectIdentifier("2.5.29.32"),
        element(1, Buffer.of(1)),
        octetString(policy("1.2.392.200149.8.5.1.1.20")),
      );
    }),
    broken("oid-padded", "MALFORMED", ({ extensions }) => {
      extensions.unknown = sequence(element(6, Buffer.of(0x2a, 0x80, 0x01)), octetString(nullValue()));
    }),
    broken("no-policy", "POLICY", ({ extensions }) => {
      delete extensions.policies;
    }),
    broken("policy-of-the-test-authority", "POLICY", ({ extensions }) => {
      extensions.policies = critical("2.5.29.32", policy("1.2.392.200149.8.5.1.0.20"));
    }),
    broken("policy-of-authentication", "POLICY", ({ extensions }) => {
      extensions.policies = critical("2.5.29.32", policy("1.2.392.200149.8.5.1.3.30"));
    }),
    broken("policy-twice", "MALFORMED", ({ extensions }) => {
      const one = sequence(objectIdentifier("1.2.392.200149.8.5.1.1.20"));
      extensions.policies = critical("2.5.29.32", sequence(one, one));
    }),
    broken("policy-not-critical", "PROFILE", ({ extensions }) => {
      extensions.policies = extension("2.5.29.32", false, policy("1.2.392.200149.8.5.1.1.20"));
    }),
    broken("key-usage-of-authentication", "KEY_USAGE", ({ extensions }) => {
      extensions.keyUsage = usage(1);
    }),
    broken("key-usage-not-critical", "KEY_USAGE", ({ extensions }) => {
      extensions.keyUsage = extension("2.5.29.15", false, Buffer.from("030206c0", "hex"));
    }),
    broken("key-usage-not-minimal", "MALFORMED", ({ extensions }) => {
      extensions.keyUsage = critical("2.5.29.15", Buffer.from("030205c0", "hex"));
    }),
    broken("no-key-usage", "KEY_USAGE", ({ extensions }) => {
      delete extensions.keyUsage;
    }),
    broken("key-usage-signs-certificates", "PROFILE", ({ extensions }) => {
      extensions.keyUsage = usage(0b100011);
    }),
    broken("a-ca", "PROFILE", ({ extensions }) => {
      extensions.constraints = critical("2.5.29.19", sequence(boolean(true)));
    }),
    broken("critical-extended-key-usage", "KEY_USAGE", ({ extensions }) => {
      extensions.extendedKeyUsage = critical("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.2")));
    }),
    broken("no-authority-key", "PROFILE", ({ extensions }) => {
      delete extensions.authorityKey;
    }),
    broken("authority-key-critical", "PROFILE", ({ extensions }) => {
      extensions.authorityKey = withCritical(extensions.authorityKey!, boolean(true));
    }),
    broken("no-attributes", "PROFILE", ({ extensions }) => {
      delete extensions.subjectAltName;
    }),
    names("attribute-twice", "PROFILE", (all) => [...all, all[0]!]),
    names("no-name", "PROFILE", (all) => all.slice(1)),
    names("no-birth-date", "PROFILE", (all) => all.filter((_, index) => index !== 1)),
    names("no-gender", "PROFILE", (all) => all.filter((_, index) => index !== 2)),
    names("no-address", "PROFILE", (all) => all.filter((_, index) => index !== 3)),
    names("attributes-empty", "MALFORMED", () => []),
    names("attribute-not-utf8", "MALFORMED", ([, ...rest]) => [
      element(
        0xa0,
        objectIdentifier("1.2.392.200149.8.5.5.1"),
        explicit(0, element(0x0c, Buffer.of(0xed, 0xa0, 0x80))),
      ),
      ...rest,
    ]),
    person("gender-4", "PROFILE", { gender: "4" }),
    person("birth-date-that-never-was", "PROFILE", { birthdate: "419900230" }),
    person("birth-date-without-era", "PROFILE", { birthdate: "19900102" }),
    person("birth-date-of-an-unknown-era", "PROFILE", { birthdate: "619900102" }),
    person("birth-date-in-full-width", "PROFILE", { birthdate: "４１９９００１０２" }),
    person("substitutes-not-0-and-1", "PROFILE", { nameSubstitutes: "00200" }),
  ];
}

const withCommonName = (value: Buffer): Buffer =>
  sequence(
    element(0x31, sequence(objectIdentifier("2.5.4.6"), element(0x13, Buffer.from("JP")))),
    element(0x31, sequence(objectIdentifier("2.5.4.3"), value)),
  );

/** An extension that was not critical with this BOOLEAN behind its identifier. */
function withCritical(whole: Buffer, flag: Buffer): Buffer {
  const content = whole.subarray(whole[1]! < 0x80 ? 2 : 3);
  const identifier = 2 + content[1]!;
  return sequence(content.subarray(0, identifier), flag, content.subarray(identifier));
}

function rsaKey(keys: Keys, exponent: Buffer): Buffer {
  const { n } = keys.holder.publicKey.export({ format: "jwk" });
  const key = sequence(unsignedInteger(Buffer.from(n!, "base64url")), unsignedInteger(exponent));
  return sequence(sequence(objectIdentifier("1.2.840.113549.1.1.1"), nullValue()), bitString(key));
}

/** Really signed with SHA-1. */
function sha1(parts: Parts, keys: Keys): Vector {
  const { version, serial, issuer, validity, subject, publicKey, extensions } = parts;
  const list = explicit(3, sequence(...Object.values(extensions)));
  const tbs = sequence(version, serial, sha1WithRsa, issuer, validity, subject, publicKey, list);
  const der = sequence(tbs, sha1WithRsa, bitString(sign("sha1", tbs, keys.authority.privateKey)));
  return { id: "signature/sha1", expect: { code: "UNSUPPORTED" }, der: base64(der) };
}
