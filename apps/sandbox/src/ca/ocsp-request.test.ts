import { CertID, id_pkix_ocsp_nonce, OCSPRequest, Request, TBSRequest } from "@peculiar/asn1-ocsp";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, Extension, GeneralName } from "@peculiar/asn1-x509";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseOcspRequest } from "./ocsp-request.ts";

type Question = { algorithm: string; name: Uint8Array; key: Uint8Array; serial: number };
type Asked = { questions: Question[]; nonce: Uint8Array | null; other: boolean; named: boolean };

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const question = fc.record({
  algorithm: fc.constantFrom("1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "1.2.3.4"),
  name: octets(20),
  key: octets(20),
  serial: fc.integer({ min: 0, max: 0x7fff_ffff }),
});
const asked = fc.record({
  questions: fc.array(question, { minLength: 1, maxLength: 32 }),
  nonce: fc.option(fc.uint8Array({ minLength: 1, maxLength: 128 })),
  other: fc.boolean(),
  named: fc.boolean(),
});

/** As another library writes it. */
function encode({ questions, nonce, other, named }: Asked): Uint8Array {
  const requestList = questions.map(({ algorithm, name, key, serial }) => {
    const reqCert = new CertID({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm, parameters: Uint8Array.of(5, 0).buffer }),
      issuerNameHash: new OctetString(Uint8Array.from(name)),
      issuerKeyHash: new OctetString(Uint8Array.from(key)),
      serialNumber: Uint8Array.from(Buffer.from(serial.toString(16).padStart(8, "0"), "hex")).buffer,
    });
    return new Request({ reqCert });
  });
  const extension = (extnID: string, value: Uint8Array) =>
    new Extension({
      extnID,
      critical: false,
      extnValue: new OctetString(AsnConvert.serialize(new OctetString(Uint8Array.from(value)))),
    });
  const requestExtensions = [
    ...(other ? [extension("1.2.3.4", Uint8Array.of(1))] : []),
    ...(nonce ? [extension(id_pkix_ocsp_nonce, nonce)] : []),
  ];
  const tbsRequest = new TBSRequest({ requestList });
  if (requestExtensions.length > 0) tbsRequest.requestExtensions = requestExtensions;
  if (named) tbsRequest.requestorName = new GeneralName({ dNSName: "verifier.example" });
  return new Uint8Array(AsnConvert.serialize(new OCSPRequest({ tbsRequest })));
}

const hashes: Record<string, string> = { "1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256" };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("a request is read as another library wrote it", () => {
  fc.assert(
    fc.property(asked, (one) => {
      const request = parseOcspRequest(encode(one))!;
      expect(
        request.ids.map(({ hash, issuerNameHash, issuerKeyHash, serial }) => [
          hash,
          issuerNameHash,
          issuerKeyHash,
          Number.parseInt(serial, 16),
        ]),
      ).toEqual(
        one.questions.map(({ algorithm, name, key, serial }) => [hashes[algorithm] ?? "", hex(name), hex(key), serial]),
      );
      const { nonce } = request;
      expect(nonce && hex(nonce).endsWith(hex(one.nonce!))).toEqual(one.nonce ? true : undefined);
    }),
  );
});

test("too many questions, none, or a nonce of another size are no request", () => {
  const one = { algorithm: "1.3.14.3.2.26", name: new Uint8Array(20), key: new Uint8Array(20), serial: 1 };
  const plain = { questions: [one], nonce: null, other: false, named: false };
  expect(parseOcspRequest(encode(plain))).toBeDefined();
  expect(parseOcspRequest(encode({ ...plain, questions: [] }))).toBeUndefined();
  expect(parseOcspRequest(encode({ ...plain, questions: Array(33).fill(one) }))).toBeUndefined();
  expect(parseOcspRequest(encode({ ...plain, nonce: new Uint8Array(0) }))).toBeUndefined();
  expect(parseOcspRequest(encode({ ...plain, nonce: new Uint8Array(129) }))).toBeUndefined();
});

test("a request that is cut short or goes on is none", () => {
  fc.assert(
    fc.property(asked, fc.nat(), (one, at) => {
      const der = encode(one);
      expect(parseOcspRequest(der.subarray(0, at % der.length))).toBeUndefined();
      expect(parseOcspRequest(Buffer.concat([der, Buffer.of(0)]))).toBeUndefined();
    }),
  );
});

test("any octets are read or refused, never an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(parseOcspRequest(bytes)).toBeUndefined();
    }),
  );
});
