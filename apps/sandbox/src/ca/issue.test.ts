import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificateOnCard, certificatesOfPerson } from "../store/certificates.ts";
import { openssl, opensslMissing, startTestWorld, type TestWorld } from "../test-world.ts";
import type { Kind } from "./kind.ts";

let sandbox: TestWorld;
const der: Record<string, Uint8Array> = {};
const files: Record<string, string> = {};

beforeAll(async () => {
  sandbox = await startTestWorld();
  const details = {
    name: "髙橋　花子",
    birthdate: "1988-03-05",
    gender: "female",
    address: "神奈川県横浜市中区日本大通1",
  };
  const { id } = await sandbox.register("default", details);
  const held = certificatesOfPerson(sandbox.world.database, id);
  for (const kind of ["signature", "authentication"] as const) {
    der[kind] = certificateOnCard(held, kind)!.der!;
    der[`${kind}-ca`] = sandbox.world.authorities.issuing(kind, new Date()).certificate;
  }
  for (const [name, bytes] of Object.entries(der)) {
    files[name] = sandbox.file(`${name}.pem`, Buffer.from(new X509Certificate(bytes).toString()));
  }
});
afterAll(() => sandbox.close());

const extensionsOf = (name: string) => [...AsnConvert.parse(der[name]!, Certificate).tbsCertificate.extensions!];
const profile = (name: string) => extensionsOf(name).map(({ extnID, critical }) => (critical ? `${extnID}!` : extnID));
const value = (name: string, oid: string) =>
  Buffer.from(extensionsOf(name).find(({ extnID }) => extnID === oid)!.extnValue.buffer).toString("hex");

test("the signature certificate has the extensions of the JPKI in their order and criticality", () => {
  expect(profile("signature")).toEqual([
    "2.5.29.15!",
    "2.5.29.32!",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.31",
    "2.5.29.35",
    "2.5.29.14",
  ]);
  expect(value("signature", "2.5.29.15")).toBe("030206c0");
});

test("the authentication certificate has the extensions of the JPKI in their order and criticality", () => {
  expect(profile("authentication")).toEqual([
    "2.5.29.15!",
    "2.5.29.37",
    "2.5.29.32!",
    "2.5.29.18",
    "2.5.29.31",
    "1.3.6.1.5.5.7.1.1",
    "2.5.29.35",
    "2.5.29.14",
  ]);
  expect(value("authentication", "2.5.29.15")).toBe("03020780");
  expect(value("authentication", "2.5.29.37")).toBe("300a06082b06010505070302");
});

test("an authority certificate has neither a path length nor policies nor an authority key identifier", () => {
  for (const name of ["signature-ca", "authentication-ca"]) {
    expect(profile(name)).toEqual(["2.5.29.15!", "2.5.29.17", "2.5.29.19!", "2.5.29.31", "2.5.29.14"]);
    expect(value(name, "2.5.29.15")).toBe("03020106");
    expect(value(name, "2.5.29.19")).toBe("30030101ff");
  }
});

test("certificates end on the fifth birthday after their issue, one second before midnight in Japan", () => {
  for (const name of ["signature", "authentication"]) {
    const { validTo } = new X509Certificate(der[name]!);
    expect(new Date(validTo).toISOString()).toMatch(/^\d{4}-03-05T14:59:59\.000Z$/);
  }
});

test("country names are PrintableString and the rest of a name UTF8String", () => {
  const { subject } = AsnConvert.parse(der.signature!, Certificate).tbsCertificate;
  const kinds = [...subject].map(([attribute]) => {
    const { printableString, utf8String } = attribute!.value;
    return printableString === undefined ? `utf8:${utf8String}` : `printable:${printableString}`;
  });
  expect(kinds.slice(0, 3)).toEqual(["printable:JP", "utf8:Kanagawa-ken", "utf8:Yokohama-shi-Naka-ku"]);
  expect(kinds[3]).toMatch(/^utf8:\d{28}$/);
});

test("nothing names the real JPKI, neither as issuer nor as OCSP responder", () => {
  for (const bytes of Object.values(der)) {
    const certificate = new X509Certificate(bytes);
    expect(certificate.issuer).toContain("O=SIM-JPKI\n");
    expect(certificate.infoAccess ?? "").not.toContain("jpki.go.jp");
  }
  expect(new X509Certificate(der.authentication!).infoAccess?.trim()).toBe(
    `OCSP - URI:${sandbox.url}/jpki/ocsp/authentication`,
  );
});

test("a second X.509 library finds each signature good under its own authority only", async () => {
  const parsed = (name: string) => new x509.X509Certificate(Uint8Array.from(der[name]!));
  const other: Record<Kind, string> = { signature: "authentication-ca", authentication: "signature-ca" };
  for (const kind of ["signature", "authentication"] as const) {
    expect(await parsed(kind).verify({ publicKey: parsed(`${kind}-ca`).publicKey })).toBe(true);
    expect(await parsed(kind).verify({ publicKey: parsed(other[kind]).publicKey })).toBe(false);
  }
});

describe.skipIf(opensslMissing)(`openssl reads the certificates (${opensslMissing ?? "installed"})`, () => {
  test("it finds the personal attributes and the positions of substitutes in the order of the JPKI", () => {
    const text = openssl("x509", "-in", files.signature!, "-noout", "-ext", "subjectAltName", "-nameopt", "utf8");
    const names = [...text.matchAll(/othername: 1\.2\.392\.200149\.8\.5\.5\.(\d)::([^,\n]*)/g)];
    expect(names.map(([, arc, content]) => [arc, content])).toEqual([
      ["1", "高橋　花子"],
      ["4", "319880305"],
      ["3", "2"],
      ["5", "神奈川県横浜市中区日本大通１"],
      ["2", "10000"],
      ["6", "00000000000000"],
    ]);
  });

  test("it finds each distribution point as a directory name of the municipality, not as a URL", () => {
    const text = openssl("x509", "-in", files.signature!, "-noout", "-ext", "crlDistributionPoints");
    expect(text).toContain("OU = CRL Distribution Points, OU = Kanagawa-ken, CN = Yokohama-shi-Naka-ku CRLDP");
    expect(text).not.toContain("URI:");
  });

  test("it finds key identifier, issuer and serial number of the authority", () => {
    const text = openssl("x509", "-in", files.authentication!, "-noout", "-ext", "authorityKeyIdentifier");
    expect(text).toMatch(
      /keyid:[0-9A-F:]{59}\n\s+DirName:\/C=JP\/O=SIM-JPKI\/OU=JPKI for user authentication\/.*\n\s+serial:01:00:00:[0-9A-F]{2}\n/,
    );
  });

  test("it reads the encodings of version, serial number, algorithm and times as RFC 5280 wants them", () => {
    const lines = openssl("asn1parse", "-in", files.signature!).split("\n");
    expect(lines[3]).toMatch(/prim: INTEGER\s+:02$/);
    expect(lines[4]).toMatch(/prim: INTEGER\s+:01[0-9A-F]{6}$/);
    expect(lines[6]).toMatch(/prim: OBJECT\s+:sha256WithRSAEncryption$/);
    expect(lines[7]).toMatch(/prim: NULL/);
    expect(lines.filter((line) => line.includes("UTCTIME"))).toHaveLength(2);
  });
});
