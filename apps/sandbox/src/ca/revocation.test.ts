import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  BasicOCSPResponse,
  CertID,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  Request,
  TBSRequest,
} from "@peculiar/asn1-ocsp";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dayLength } from "../calendar.ts";
import type { Person } from "../people/present.ts";
import { openssl, opensslMissing, startTestWorld, type TestWorld } from "../test-world.ts";
import type { Authority } from "./authority.ts";
import { OcspResponder } from "./ocsp.ts";

let sandbox: TestWorld;
let good: Person;
let revoked: Person;
const ca: Record<string, string> = {};

beforeAll(async () => {
  sandbox = await startTestWorld();
  good = await sandbox.register("default");
  revoked = await sandbox.register("moved-last-week");
  for (const kind of ["signature", "authentication"] as const) {
    const certificate = new X509Certificate(sandbox.world.authorities.issuing(kind, new Date()).certificate);
    ca[kind] = sandbox.file(`${kind}-ca.pem`, Buffer.from(certificate.toString()));
  }
});
afterAll(() => sandbox.close());

const serialOf = (person: Person, kind: string) =>
  person.card.certificates.find((certificate) => certificate.kind === kind)!.serial;

/** Not the synchronous one: the server that openssl asks lives in this process. */
async function ask(kind: string, ...parameters: string[]): Promise<string> {
  const fixed = ["ocsp", "-issuer", ca[kind]!, "-CAfile", ca[kind]!];
  const { stdout, stderr } = await promisify(execFile)("openssl", [...fixed, ...parameters]);
  return stdout + stderr;
}
const askOnline = (kind: string, serial: string, ...more: string[]) =>
  ask(kind, "-url", `${sandbox.url}/jpki/ocsp/${kind}`, ...more, "-serial", `0x${serial}`);

async function fetchCrl(kind: string): Promise<Uint8Array> {
  const response = await fetch(`${sandbox.url}/jpki/crl/${kind}.crl`);
  expect(response.headers.get("content-type")).toBe("application/pkix-crl");
  return new Uint8Array(await response.arrayBuffer());
}

describe.skipIf(opensslMissing)(`openssl asks the OCSP responder (${opensslMissing ?? "installed"})`, () => {
  test("a valid certificate is good, with its nonce and a verified responder", async () => {
    const answer = await askOnline("signature", serialOf(good, "signature"), "-nonce");
    expect(answer).toContain("Response verify OK");
    expect(answer).toMatch(/: good/);
    expect(answer).not.toContain("WARNING: no nonce");
  });

  test("a certificate of somebody who moved is revoked, with time and reason", async () => {
    const answer = await askOnline("signature", serialOf(revoked, "signature"));
    expect(answer).toMatch(/: revoked[\s\S]*Reason: affiliationChanged\n\tRevocation Time: /);
  });

  test("a serial number that was never issued is unknown", async () => {
    expect(await askOnline("authentication", "01ffffff")).toMatch(/: unknown/);
  });

  test("hashes newer than SHA-1 are understood", async () => {
    for (const hash of ["-sha256", "-sha384", "-sha512"]) {
      expect(await askOnline("signature", serialOf(good, "signature"), hash)).toMatch(/: good/);
    }
  });

  test("the other authority's responder knows nothing of it", async () => {
    const url = `${sandbox.url}/jpki/ocsp/authentication`;
    const parameters = ["-url", url, "-serial", `0x${serialOf(good, "signature")}`, "-noverify"];
    expect(await ask("signature", ...parameters)).toMatch(/: unknown/);
  });

  test("the same request is answered by GET", async () => {
    const request = join(sandbox.directory, "request.der");
    await ask("signature", "-serial", `0x${serialOf(good, "signature")}`, "-reqout", request);
    const path = encodeURIComponent(readFileSync(request).toString("base64"));
    const response = await fetch(`${sandbox.url}/jpki/ocsp/signature/${path}`);
    expect(response.headers.get("content-type")).toBe("application/ocsp-response");
    const answer = sandbox.file("response.der", new Uint8Array(await response.arrayBuffer()));
    expect(await ask("signature", "-reqin", request, "-respin", answer)).toContain("Response verify OK");
  });
});

test("any bytes get an answer from the OCSP responder", () => {
  const responder = new OcspResponder(sandbox.world.database, sandbox.world.authorities);
  const statusOf = (request: Uint8Array) =>
    AsnConvert.parse(responder.answer("signature", request, new Date()), OCSPResponse).responseStatus;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(statusOf(bytes)).toBe(OCSPResponseStatus.malformedRequest);
    }),
  );
});

/** A question about certificates by their authority and serial number. */
function question(...about: [Authority, ArrayBuffer][]): Uint8Array {
  const hashAlgorithm = new AlgorithmIdentifier({ algorithm: "1.3.14.3.2.26" });
  const requestList = about.map(([{ name, keyIdentifier }, serialNumber]) => {
    const hash = createHash("sha1").update(Buffer.from(AsnConvert.serialize(name)));
    const issuerNameHash = new OctetString(hash.digest());
    const issuerKeyHash = new OctetString(Buffer.from(keyIdentifier, "hex"));
    return new Request({ reqCert: new CertID({ hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }) });
  });
  return new Uint8Array(AsnConvert.serialize(new OCSPRequest({ tbsRequest: new TBSRequest({ requestList }) })));
}

/** By a responder that has just been started. */
function answered(request: Uint8Array, at: Date) {
  const { database, authorities } = sandbox.world;
  const answer = new OcspResponder(database, authorities).answer("authentication", request, at);
  const { responseBytes } = AsnConvert.parse(answer, OCSPResponse);
  const { certs, tbsResponseData } = AsnConvert.parse(responseBytes!.response, BasicOCSPResponse);
  const signer = new X509Certificate(new Uint8Array(AsnConvert.serialize(certs![0]!)));
  return { signer, statuses: tbsResponseData.responses.map(({ certStatus }) => Object.keys(certStatus)[0]) };
}

test("a question with any octets changed gets an answer, too", () => {
  const { authorities, database } = sandbox.world;
  const authority = authorities.issuing("authentication", new Date());
  const request = question([authority, authority.serial], [authority, new Uint8Array([0x7f]).buffer]);
  const responder = new OcspResponder(database, authorities);
  const changes = fc.array(fc.tuple(fc.nat(request.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(changes, (octets) => {
      const changed = Uint8Array.from(request);
      for (const [at, value] of octets) changed[at] = value;
      const answer = responder.answer("authentication", changed, new Date());
      const { responseStatus } = AsnConvert.parse(answer, OCSPResponse);
      expect([OCSPResponseStatus.successful, OCSPResponseStatus.malformedRequest]).toContain(responseStatus);
    }),
    { numRuns: 500 },
  );
});

test("a responder whose certificate nears its end goes on with a new one", () => {
  const authority = sandbox.world.authorities.issuing("authentication", new Date());
  const request = question([authority, authority.serial]);
  const signerAfter = (days: number) => answered(request, new Date(Date.now() + days * dayLength)).signer;
  const first = signerAfter(0);
  expect(signerAfter(1).serialNumber).toBe(first.serialNumber);
  const renewed = signerAfter(340);
  expect(renewed.serialNumber).not.toBe(first.serialNumber);
  expect(renewed.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
});

test("a generation's last signer ends with it, and is not made anew for each answer", () => {
  const [oldest] = sandbox.world.authorities.generations("authentication");
  const request = question([oldest!, oldest!.serial]);
  const signerAt = (at: number) => answered(request, new Date(at)).signer;
  const end = oldest!.notAfter.getTime();
  const last = signerAt(end - 10 * dayLength);
  expect(new Date(last.validTo)).toEqual(oldest!.notAfter);
  for (const at of [end - 5 * dayLength, end - 1000, end + 1000, end + 400 * dayLength]) {
    expect(signerAt(at).serialNumber).toBe(last.serialNumber);
  }
});

test("one answer speaks for one generation: what is asked of another along with it is unknown", () => {
  const [older, newer] = sandbox.world.authorities.generations("authentication");
  const both = answered(question([older!, older!.serial], [newer!, newer!.serial]), new Date());
  expect(both.statuses).toEqual(["good", "unknown"]);
  expect(both.signer.verify(new X509Certificate(older!.certificate).publicKey)).toBe(true);
  const turned = answered(question([newer!, newer!.serial], [older!, older!.serial]), new Date());
  expect(turned.statuses).toEqual(["good", "unknown"]);
  expect(turned.signer.verify(new X509Certificate(newer!.certificate).publicKey)).toBe(true);
});

test("a serial number that another generation gave is unknown to this one", () => {
  const [older, newer] = sandbox.world.authorities.generations("authentication");
  expect(answered(question([older!, newer!.serial]), new Date()).statuses).toEqual(["unknown"]);
});

describe.skipIf(opensslMissing)(`openssl reads the CRL (${opensslMissing ?? "installed"})`, () => {
  test("it is signed by the authority and names the revoked with their reasons", async () => {
    const file = sandbox.file("list.crl", await fetchCrl("signature"));
    const text = openssl("crl", "-inform", "der", "-in", file, "-CAfile", ca.signature!, "-noout", "-text");
    const serial = serialOf(revoked, "signature").toUpperCase();
    expect(text).toMatch(
      new RegExp(`Serial Number: ${serial}\\n.*\\n.*\\n.*CRL Reason Code: \\n\\s+Affiliation Changed`),
    );
    expect(text).not.toContain(serialOf(good, "signature").toUpperCase());
  });

  test("a path is refused by the list as soon as its certificate is revoked", async () => {
    const { id } = await sandbox.register("default");
    const before = await sandbox.happen(id, { type: "reissue-certificates" });
    const serial = serialOf(before, "authentication");
    const response = await fetch(`${sandbox.url}/certificates/authentication/${serial}.cer`);
    const pem = new X509Certificate(new Uint8Array(await response.arrayBuffer())).toString();
    const certificate = sandbox.file("one.pem", Buffer.from(pem));
    const verify = async () => {
      const list = sandbox.file("two.crl", await fetchCrl("authentication"));
      const crl = join(sandbox.directory, "two.pem");
      openssl("crl", "-inform", "der", "-in", list, "-out", crl);
      return openssl("verify", "-crl_check", "-CRLfile", crl, "-CAfile", ca.authentication!, certificate);
    };
    expect(await verify()).toContain(": OK");
    await sandbox.happen(id, { type: "revoke", reason: "certificateHold" });
    await expect(verify()).rejects.toThrow(/certificate revoked/);
  });

  test("list numbers grow with every revocation", async () => {
    const numberOf = async () => {
      const file = sandbox.file("three.crl", await fetchCrl("signature"));
      return Number.parseInt(
        /crlNumber=0x([0-9A-F]+)/.exec(openssl("crl", "-inform", "der", "-in", file, "-noout", "-crlnumber"))![1]!,
        16,
      );
    };
    const first = await numberOf();
    expect(await numberOf()).toBe(first);
    await sandbox.register("certificate-revoked");
    expect(await numberOf()).toBe(first + 1);
  });
});
