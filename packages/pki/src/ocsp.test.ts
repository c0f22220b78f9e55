import { describe, expect, test } from "vitest";
import { context, contextConstructed, tags } from "./der/tags.ts";
import { element, explicit, nullValue, objectIdentifier, sequence } from "./der/writer.ts";
import { extensionIds, keyUsage } from "./extensions.ts";
import { type OcspInput, verifyOcspResponse } from "./ocsp.ts";
import { buildOcspRequest } from "./ocsp-request.ts";
import {
  type Answer,
  ecKeyPair,
  extension,
  generalizedTime,
  jpkiWorld,
  name,
  now,
  ocspResponse,
  TestAuthority,
  usage,
} from "./testing/authority.ts";

const { authority, leaf } = jpkiWorld();
const issuer = authority.certificate;
const nonce = Buffer.alloc(32, 9);
const answer: Answer = { certificate: leaf, issuer };
const code = (code: string) => expect.objectContaining({ code });

const verify = (der: Uint8Array, input: Partial<OcspInput> = {}) =>
  verifyOcspResponse(der, { certificate: leaf, issuer, time: now, maxAge: 3600, ...input });

const ocspSigning = extension(extensionIds.extendedKeyUsage, false, sequence(objectIdentifier("1.3.6.1.5.5.7.3.9")));
const noCheck = extension(extensionIds.ocspNoCheck, false, nullValue());
const signs = usage(keyUsage.digitalSignature);

function responder(extensions: Buffer[], by: TestAuthority = authority): TestAuthority {
  return new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "responder"]), issuer: by, extensions });
}

const from = (delegate: TestAuthority) =>
  ocspResponse(delegate, { answers: [answer], certificates: [delegate.certificate] });

describe("OCSP response", () => {
  test("of the issuer itself says good", () => {
    const nextUpdate = new Date("2026-11-01T04:00:00Z");
    expect(verify(ocspResponse(authority, { answers: [{ ...answer, nextUpdate }], nonce }), { nonce })).toEqual({
      status: "good",
      producedAt: now,
      nextUpdate,
    });
    expect(verify(ocspResponse(authority, { answers: [{ ...answer, hash: "sha256" }] })).status).toBe("good");
  });

  test("says when and why a certificate was revoked, and unknown when the responder does not know it", () => {
    const status = element(
      contextConstructed(1),
      generalizedTime(new Date("2026-10-01T00:00:00Z")),
      explicit(0, element(tags.enumerated, Buffer.of(5))),
    );
    expect(verify(ocspResponse(authority, { answers: [{ ...answer, status }] }))).toEqual({
      status: "revoked",
      at: new Date("2026-10-01T00:00:00Z"),
      reason: "cessationOfOperation",
    });
    const unknown = element(context(2));
    expect(verify(ocspResponse(authority, { answers: [{ ...answer, status: unknown }] }))).toEqual({
      status: "unknown",
    });
  });

  test("is believed from a responder that the issuer appointed", () => {
    expect(verify(from(responder([signs, ocspSigning, noCheck]))).status).toBe("good");
  });

  test.each([
    ["was not appointed for OCSP", "KEY_USAGE", () => responder([signs, noCheck])],
    ["has a key that may not sign", "KEY_USAGE", () => responder([usage(keyUsage.keyAgreement), ocspSigning, noCheck])],
    ["may itself be revoked", "STATUS_UNKNOWN", () => responder([signs, ocspSigning])],
    [
      "another CA of the same name appointed",
      "SIGNATURE_INVALID",
      () => responder([signs, ocspSigning, noCheck], new TestAuthority({ keys: ecKeyPair(), name: authority.name })),
    ],
    [
      "another CA appointed",
      "UNTRUSTED",
      () =>
        responder(
          [signs, ocspSigning, noCheck],
          new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "x"]) }),
        ),
    ],
  ])("is refused from a responder that %s", (_, expected, make) => {
    expect(() => verify(from(make()))).toThrow(code(expected));
  });

  test("is refused from somebody without a certificate, and when it was changed", () => {
    const stranger = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "stranger"]) });
    expect(() => verify(ocspResponse(stranger, { answers: [answer] }))).toThrow(code("UNTRUSTED"));
    const changed = ocspResponse(authority, { answers: [answer] });
    changed[changed.indexOf("20261101030000Z") + 13]! ^= 1;
    expect(() => verify(changed)).toThrow(code("SIGNATURE_INVALID"));
  });

  test("must carry the nonce of the request", () => {
    const without = ocspResponse(authority, { answers: [answer] });
    expect(() => verify(without, { nonce })).toThrow(code("NONCE_MISMATCH"));
    const replayed = ocspResponse(authority, { answers: [answer], nonce: Buffer.alloc(32, 8) });
    expect(() => verify(replayed, { nonce })).toThrow(code("NONCE_MISMATCH"));
    expect(verify(replayed).status).toBe("good");
  });

  test("is refused when it is too old, has ended or comes from the future", () => {
    const at = (thisUpdate: string, nextUpdate?: string) =>
      verify(
        ocspResponse(authority, {
          answers: [
            { ...answer, thisUpdate: new Date(thisUpdate), ...(nextUpdate && { nextUpdate: new Date(nextUpdate) }) },
          ],
        }),
      );
    expect(at("2026-11-01T02:00:00Z").status).toBe("good");
    expect(() => at("2026-11-01T01:59:59Z")).toThrow(code("STALE"));
    expect(() => at("2026-11-01T02:30:00Z", "2026-11-01T02:59:59Z")).toThrow(code("STALE"));
    expect(() => at("2026-11-01T03:02:00Z")).toThrow(code("STALE"));
  });

  test("about another certificate or issuer, or two answers for one, is no answer", () => {
    const other = authority.issue({ subject: leaf.subject.der, publicKey: leaf.publicKey, extensions: [signs] });
    expect(() => verify(ocspResponse(authority, { answers: [{ ...answer, certificate: other }] }))).toThrow(
      code("STATUS_UNKNOWN"),
    );
    const sameName = new TestAuthority({ keys: ecKeyPair(), name: authority.name }).certificate;
    expect(() => verify(ocspResponse(authority, { answers: [{ ...answer, issuer: sameName }] }))).toThrow(
      code("STATUS_UNKNOWN"),
    );
    expect(() => verify(ocspResponse(authority, { answers: [answer, answer] }))).toThrow(code("MALFORMED"));
  });

  test("is not asked of another generation of the CA than the one that issued the certificate", () => {
    const successor = new TestAuthority({ keys: ecKeyPair(), name: authority.name });
    const answers = [{ certificate: leaf, issuer: successor.certificate }];
    const der = ocspResponse(successor, { answers });
    expect(() => verify(der, { issuer: successor.certificate })).toThrow(code("UNTRUSTED"));
  });

  test("with a critical extension that nobody knows is refused", () => {
    const extensions = [extension("1.2.3", true, Buffer.of(5, 0))];
    expect(() => verify(ocspResponse(authority, { answers: [answer], extensions }))).toThrow(
      code("UNKNOWN_CRITICAL_EXTENSION"),
    );
  });

  test("that reports a failure leaves the status unknown", () => {
    expect(() => verify(sequence(element(tags.enumerated, Buffer.of(3))))).toThrow(code("STATUS_UNKNOWN"));
  });
});

test("an OCSP request takes 1 to 32 octets of nonce", () => {
  expect(() => buildOcspRequest({ certificate: leaf, issuer, nonce: Buffer.alloc(33) })).toThrow(RangeError);
  expect(() => buildOcspRequest({ certificate: leaf, issuer, nonce: Buffer.alloc(0) })).toThrow(RangeError);
});
