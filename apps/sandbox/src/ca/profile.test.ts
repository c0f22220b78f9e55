import "reflect-metadata";
import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate as Asn1Certificate, GeneralNames, SubjectAlternativeName } from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import {
  type Certificate,
  parseCertificate,
  parseJpkiAuthenticationCertificate,
  parseJpkiSignatureCertificate,
  verifyPath,
} from "@xid/pki";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { municipalities } from "../people/municipalities.ts";
import { substituteCharacters } from "../people/substitute-characters.ts";
import { openssl, opensslMissing, startTestWorld, type TestWorld } from "../test-world.ts";
import { issueAuthenticationCertificate, issueSignatureCertificate, type RegisteredAttributes } from "./issue.ts";
import type { Kind } from "./kind.ts";
import type { Medium } from "./medium.ts";
import { certificateEnd } from "./validity.ts";

const now = new Date("2026-11-24T03:00:00Z");
const ordinary: RegisteredAttributes = {
  name: "山田　花子",
  birthdate: "1988-03-05",
  gender: "female",
  address: "東京都清瀬市中里５丁目８４２番",
};

let sandbox: TestWorld;
let publicKey: KeyObject;
let serial = 0x0800_0000;
beforeAll(async () => {
  sandbox = await startTestWorld(() => now);
  publicKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
});
afterAll(() => sandbox.close());

const authorityOf = (kind: Kind) => sandbox.world.authorities.issuing(kind, now);

function issue(kind: Kind, attributes: Partial<RegisteredAttributes> = {}, medium: Medium = "card"): Uint8Array {
  const all = { ...ordinary, ...attributes };
  const notAfter = certificateEnd(now, all.birthdate, []);
  const random = sandbox.world.random;
  const contents = { serial: ++serial, publicKey, notBefore: now, notAfter, attributes: all, medium, random };
  return kind === "signature"
    ? issueSignatureCertificate(authorityOf(kind), contents)
    : issueAuthenticationCertificate(authorityOf(kind), contents, "http://ocsp.example/authentication");
}

const read = (attributes: Partial<RegisteredAttributes>) =>
  parseJpkiSignatureCertificate(parseCertificate(issue("signature", attributes)));

/** What the octets of the UTF8String of each otherName say, in their order. */
function otherNames(der: Uint8Array): [string, string][] {
  const { extensions } = AsnConvert.parse(der, Asn1Certificate).tbsCertificate;
  const value = extensions!.find(({ extnID }) => extnID === "2.5.29.17")!.extnValue;
  return [...AsnConvert.parse(value, SubjectAlternativeName)].map(({ otherName }) => {
    const bytes = Buffer.from(otherName!.value);
    expect(bytes[0]).toBe(0x0c);
    return [otherName!.typeId, bytes.subarray(bytes[1]! < 0x80 ? 2 : 2 + (bytes[1]! & 0x7f)).toString("utf8")];
  });
}

const birth = (birthdate: string) => otherNames(issue("signature", { birthdate }))[1]![1];

describe("the attributes of a signature certificate", () => {
  test("stand in the order of the JPKI, which is not that of their numbers", () => {
    const arc = "1.2.392.200149.8.5.5";
    expect(otherNames(issue("signature"))).toEqual([
      [`${arc}.1`, "山田　花子"],
      [`${arc}.4`, "319880305"],
      [`${arc}.3`, "2"],
      [`${arc}.5`, "東京都清瀬市中里５丁目８４２番"],
      [`${arc}.2`, "00000"],
      [`${arc}.6`, "0".repeat(15)],
    ]);
  });

  test.each([
    ["1912-07-29", "119120729"],
    ["1912-07-30", "219120730"],
    ["1926-12-24", "219261224"],
    ["1926-12-25", "319261225"],
    ["1989-01-07", "319890107"],
    ["1989-01-08", "419890108"],
    ["2019-04-30", "420190430"],
    ["2019-05-01", "520190501"],
    ["1930-04-00", "319300400"],
    ["1930-00-00", "319300000"],
    ["1989-01-00", "019890100"],
    ["1989-00-00", "019890000"],
    ["0000-00-00", "000000000"],
  ])("a birth date %s is written %s", (birthdate, written) => {
    expect(birth(birthdate)).toBe(written);
    const { birthdate: text } = read({ birthdate });
    expect(text).toBe(birthdate);
  });

  test("characters that the JPKI can't write have substitutes, and their positions are told", () => {
    const found = read({ name: "髙﨑　𠮷乃", address: "東京都清瀬市髙輪１丁目" });
    expect(found).toMatchObject({ name: "高崎　吉乃", nameSubstitutes: [0, 1, 3], addressSubstitutes: [6] });
  });

  test("an address has up to two hundred characters, and a name as many as somebody has", () => {
    const address = "東京都清瀬市".padEnd(200, "中里");
    const name = "ＶＯＮ　ＨＯＨＥＮＦＥＬＤ－ＷＩＥＳＥＮＴＨＡＬ　ＭＡＸＩＭＩＬＩＡＮ　ＦＲＩＥＤＲＩＣＨ";
    const der = issue("signature", { name, address });
    expect(parseJpkiSignatureCertificate(parseCertificate(der))).toMatchObject({
      name,
      address,
      addressSubstitutes: [],
    });
    expect(otherNames(der)[5]![1]).toBe("0".repeat(200));
  });

  test("of somebody abroad name the municipality that keeps the register", () => {
    const der = issue("signature", { address: "東京都清瀬市（国外転出者）アメリカ合衆国" });
    const { subject } = new X509Certificate(der);
    expect(subject).toMatch(/^C=JP\nL=Tokyo-to\nL=Kiyose-shi\nCN=\d{28}$/);
  });

  test("whatever the register holds, a strict verifier reads what a substitution leaves of it", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((one) => one.isWellFormed());
    const attributes = fc.record({
      name: text,
      gender: fc.constantFrom("male", "female", "unknown"),
      birthdate: fc
        .date({ min: new Date("1900-01-01"), max: now, noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10)),
      address: fc
        .tuple(fc.constantFrom(...municipalities), text)
        .map(([{ prefecture, name }, rest]) => prefecture + name + rest),
    });
    fc.assert(
      fc.property(attributes, (one) => {
        const found = read(one);
        const [name, address] = [substituteCharacters(one.name), substituteCharacters(one.address)];
        expect(found).toMatchObject({
          name: name.text,
          address: address.text,
          birthdate: one.birthdate,
          gender: one.gender,
        });
        expect(found.nameSubstitutes).toEqual([...name.positions].flatMap((flag, at) => (flag === "1" ? [at] : [])));
      }),
      { numRuns: 40 },
    );
  });
});

describe("an authentication certificate", () => {
  test("has a name of 23 characters: 14 letters and digits, municipality, three digits, A", () => {
    const { commonName } = parseJpkiAuthenticationCertificate(parseCertificate(issue("authentication")));
    expect(commonName).toMatch(/^[0-9A-Z]{14}13221\d{3}A$/);
  });

  test("says nothing of its holder: neither name nor birth date nor address stand in it", () => {
    const der = Buffer.from(issue("authentication"));
    for (const text of ["山田", "花子", "19880305", "清瀬", "中里"]) expect(der.includes(text)).toBe(false);
  });
});

const oneOfEach = (): [Kind, Medium, Uint8Array][] => [
  ["signature", "card", issue("signature")],
  ["signature", "phone", issue("signature", {}, "phone")],
  ["authentication", "card", issue("authentication")],
  ["authentication", "phone", issue("authentication", {}, "phone")],
];
const policies: Record<Kind, Record<Medium, string>> = {
  signature: { card: "1.2.392.200149.8.5.1.1.20", phone: "1.2.392.200149.8.5.1.1.40" },
  authentication: { card: "1.2.392.200149.8.5.1.3.30", phone: "1.2.392.200149.8.5.1.3.50" },
};

test("a verifier finds the path of each under its own policy, through the generation that issued it", () => {
  for (const [kind, medium, der] of oneOfEach()) {
    const anchors = sandbox.world.authorities.generations(kind).map(({ certificate }) => parseCertificate(certificate));
    const certificate = parseCertificate(der);
    const policy = policies[kind][medium];
    const { anchor } = verifyPath({ certificate, anchors, time: now, requiredPolicies: [policy] });
    expect(anchor.subjectKeyIdentifier).toBe(authorityOf(kind).keyIdentifier);
    const other = policies[kind][medium === "card" ? "phone" : "card"];
    expect(() => verifyPath({ certificate, anchors, time: now, requiredPolicies: [other] })).toThrow();
    expect(() => verifyPath({ certificate, anchors: anchors.slice(0, -1), time: now })).toThrow();
  }
});

test("a second library reads names, times, serial number and key identifiers as the first wrote them", async () => {
  for (const [kind, , der] of oneOfEach()) {
    const second = new x509.X509Certificate(Uint8Array.from(der));
    const own: Certificate = parseCertificate(der);
    expect(second.serialNumber).toBe(own.serial);
    expect(second.notBefore).toEqual(now);
    expect(second.notAfter.toISOString()).toMatch(/-03-05T14:59:59\.000Z$/);
    expect(second.issuerName.getField("O")).toEqual(["SIM-JPKI"]);
    const identifier = second.getExtension(x509.AuthorityKeyIdentifierExtension)!;
    expect(identifier.keyId).toBe(authorityOf(kind).keyIdentifier);
    expect(Buffer.from(identifier.certId!.serialNumber, "hex").at(-1)).toBe(
      Buffer.from(authorityOf(kind).serial).at(-1),
    );
  }
});

test("the authority has a name in Japanese, as its own subject and as the issuer of what it issued", () => {
  const named = (der: Uint8Array, extension: string) => {
    const { extensions } = AsnConvert.parse(der, Asn1Certificate).tbsCertificate;
    const value = extensions!.find(({ extnID }) => extnID === extension)!.extnValue;
    const [name] = [...AsnConvert.parse(value, GeneralNames)];
    return [...name!.directoryName!].map(([attribute]) => attribute!.value.toString());
  };
  const ja = ["JP", "模擬公的個人認証サービス", "模擬公的個人認証サービス利用者証明用", "地方公共団体情報システム機構"];
  expect(named(issue("authentication"), "2.5.29.18")).toEqual(ja);
  expect(named(authorityOf("authentication").certificate, "2.5.29.17")).toEqual(ja);
});

test("no two generations of an authority share a key, a serial number or an identifier, but all share the name", () => {
  for (const kind of ["signature", "authentication"] as const) {
    const generations = sandbox.world.authorities
      .generations(kind)
      .map(({ certificate }) => new X509Certificate(certificate));
    const distinct = (values: (string | undefined)[]) => new Set(values).size;
    expect(generations.length).toBeGreaterThan(1);
    expect(distinct(generations.map(({ fingerprint256 }) => fingerprint256))).toBe(generations.length);
    expect(distinct(generations.map(({ serialNumber }) => serialNumber))).toBe(generations.length);
    expect(distinct(generations.map(({ subject }) => subject))).toBe(1);
    for (const one of generations) expect(one.subject).toBe(one.issuer);
  }
});

describe.skipIf(opensslMissing)(`openssl reads each (${opensslMissing ?? "installed"})`, () => {
  const caFile = (kind: Kind) => {
    const pem = sandbox.world.authorities.generations(kind).map(({ certificate }) => new X509Certificate(certificate));
    return sandbox.file(`${kind}-ca.pem`, Buffer.from(pem.join("")));
  };
  const text = (der: Uint8Array) =>
    openssl(
      "x509",
      "-inform",
      "der",
      "-in",
      sandbox.file("one.cer", der),
      "-noout",
      "-text",
      "-nameopt",
      "utf8,sep_comma_plus",
    );

  test.each(["signature", "authentication"] as const)("the text of a %s certificate is the profile", (kind) => {
    const lines = text(issue(kind))
      .split("\n")
      .map((line) => line.trim());
    const extensions = lines.filter((line) => /^(X509v3 [A-Z]|Authority Information Access)/.test(line));
    const common = ["X509v3 Issuer Alternative Name:", "X509v3 CRL Distribution Points:"];
    const last = ["X509v3 Authority Key Identifier:", "X509v3 Subject Key Identifier:"];
    expect(extensions).toEqual(
      kind === "signature"
        ? [
            "X509v3 Key Usage: critical",
            "X509v3 Certificate Policies: critical",
            "X509v3 Subject Alternative Name:",
            ...common,
            ...last,
          ]
        : [
            "X509v3 Key Usage: critical",
            "X509v3 Extended Key Usage:",
            "X509v3 Certificate Policies: critical",
            ...common,
            "Authority Information Access:",
            ...last,
          ],
    );
    for (const line of [
      "Version: 3 (0x2)",
      "Signature Algorithm: sha256WithRSAEncryption",
      "Exponent: 65537 (0x10001)",
      "Not Before: Nov 24 03:00:00 2026 GMT",
      "Not After : Mar  5 14:59:59 2031 GMT",
      kind === "signature" ? "Digital Signature, Non Repudiation" : "Digital Signature",
      `Policy: ${policies[kind].card}`,
      "CPS: http://www.jpki.go.jp/cps.html",
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.some((line) => line.startsWith("DirName:/C=JP/O=SIM-JPKI/OU=JPKI for "))).toBe(true);
  });

  test("it verifies each strictly with all generations at hand", () => {
    for (const [kind, medium, der] of oneOfEach()) {
      const file = sandbox.file("one.pem", Buffer.from(new X509Certificate(der).toString()));
      const strict = ["-x509_strict", "-policy_check", "-explicit_policy", "-policy", policies[kind][medium]];
      const at = ["-attime", String(now.getTime() / 1000)];
      expect(openssl("verify", ...strict, ...at, "-CAfile", caFile(kind), file)).toContain(": OK");
      const other = strict.with(-1, "1.2.392.200149.8.5.1.0.20");
      expect(() => openssl("verify", ...other, ...at, "-CAfile", caFile(kind), file)).toThrow(/policy/);
    }
  });
});
