import type { Certificate } from "@xid/pki";
import {
  type Answer,
  element,
  explicit,
  extension,
  generalizedTime,
  nullValue,
  objectIdentifier,
  ocspResponse,
  octetString,
  sequence,
  type TestAuthority,
} from "@xid/pki/testing";
import { base64, changed, type Vector } from "./vector.ts";
import { authorityOf, dn, type Keys, noCheck, now, ocspSigning, responderCertificate } from "./world.ts";

/** The nonce of the request. */
export const nonce = Buffer.from("00112233445566778899aabbccddeeff", "hex");
const revokedAt = new Date("2026-11-20T06:00:00Z");
const at = (offset: number): Date => new Date(Date.parse(now) + offset * 1000);
const revokedStatus = (reason: number): Buffer =>
  element(0xa1, generalizedTime(revokedAt), explicit(0, element(0x0a, Buffer.of(reason))));

type Options = Parameters<typeof ocspResponse>[1];

/** OCSP answers about `good/signature`, asked with the nonce and believed for an hour. */
export function ocspVectors(keys: Keys, certificate: Certificate): Vector[] {
  const authority = authorityOf(keys.authority);
  const issuer = authority.certificate;
  const delegate = responderCertificate(authority, keys.responder, ocspSigning, noCheck);
  const delegated = authorityOf(keys.responder, delegate.subject.der);
  const about = (answer: Partial<Answer> = {}): Answer => ({ certificate, issuer, thisUpdate: at(-60), ...answer });
  const response = (options: Partial<Options> = {}, by: TestAuthority = delegated): Buffer =>
    ocspResponse(by, {
      answers: [about()],
      nonce,
      certificates: by === authority ? [] : [delegate],
      time: at(-30),
      ...options,
    });
  const of = (id: string, expect: Vector["expect"], der: Buffer): Vector => ({ id, expect, der: base64(der) });
  const good = (id: string, expect: Vector["expect"], options: Partial<Options> = {}, by = delegated) =>
    of(`good/${id}`, expect, response(options, by));
  const broken = (way: string, code: string, options: Partial<Options> = {}, by = delegated) =>
    of(`ocsp/${way}`, { code }, response(options, by));
  const revoked = (reason: string): Vector["expect"] => ({ status: "revoked", reason, at: revokedAt.toISOString() });
  const plain = response();
  const other = authority.issue({
    subject: dn(["C", "JP"], ["CN", "another"]),
    publicKey: keys.other.publicKey,
    serial: 77,
    extensions: [],
  });
  const withDelegate = (...extensions: Buffer[]) => ({
    certificates: [responderCertificate(authority, keys.responder, ...extensions)],
  });

  return [
    good("by-a-delegate", { status: "good" }),
    good("by-the-authority", { status: "good" }, {}, authority),
    good("sha-256-in-the-question", { status: "good" }, { answers: [about({ hash: "sha256" })] }),
    good("among-others", { status: "good" }, { answers: [about({ certificate: other }), about()] }),
    good("with-next-update", { status: "good" }, { answers: [about({ nextUpdate: at(900) })] }),
    ...(
      [
        [0, "unspecified"],
        [1, "keyCompromise"],
        [3, "affiliationChanged"],
        [4, "superseded"],
        [5, "cessationOfOperation"],
        [6, "certificateHold"],
      ] as const
    ).map(([code, reason]) =>
      good(`revoked-${reason}`, revoked(reason), { answers: [about({ status: revokedStatus(code) })] }),
    ),
    good("revoked-without-reason", revoked("unspecified"), {
      answers: [about({ status: element(0xa1, generalizedTime(revokedAt)) })],
    }),
    good("unknown", { status: "unknown" }, { answers: [about({ status: element(0x82) })] }),

    of("ocsp/empty", { code: "MALFORMED" }, Buffer.alloc(0)),
    of("ocsp/cut", { code: "MALFORMED" }, plain.subarray(0, -1)),
    of("ocsp/followed-by-more", { code: "MALFORMED" }, Buffer.concat([plain, Buffer.of(0)])),
    of("ocsp/try-later", { code: "STATUS_UNKNOWN" }, sequence(element(0x0a, Buffer.of(3)))),
    of("ocsp/unauthorized", { code: "STATUS_UNKNOWN" }, sequence(element(0x0a, Buffer.of(6)))),
    of("ocsp/successful-without-answer", { code: "MALFORMED" }, sequence(element(0x0a, Buffer.of(0)))),
    of(
      "ocsp/of-another-type",
      { code: "UNSUPPORTED" },
      sequence(
        element(0x0a, Buffer.of(0)),
        explicit(0, sequence(objectIdentifier("1.3.6.1.5.5.7.48.1.99"), octetString(nullValue()))),
      ),
    ),
    of("ocsp/signature-changed", { code: "SIGNATURE_INVALID" }, changed(response({}, authority), 1)),
    broken("another-nonce", "NONCE_MISMATCH", { nonce: Buffer.alloc(16) }),
    of(
      "ocsp/no-nonce",
      { code: "NONCE_MISMATCH" },
      ocspResponse(delegated, { answers: [about()], certificates: [delegate], time: at(-30) }),
    ),
    broken("about-another-certificate", "STATUS_UNKNOWN", { answers: [about({ certificate: other })] }),
    broken("about-nothing", "STATUS_UNKNOWN", { answers: [] }),
    broken("about-another-issuer", "STATUS_UNKNOWN", {
      answers: [about({ issuer: authorityOf(keys.other).certificate })],
    }),
    broken("two-answers", "MALFORMED", { answers: [about(), about({ status: revokedStatus(1) })] }),
    broken("too-old", "STALE", { answers: [about({ thisUpdate: at(-3601) })] }),
    broken("ended", "STALE", { answers: [about({ nextUpdate: at(-1) })] }),
    broken("of-the-future", "STALE", { answers: [about({ thisUpdate: at(61) })] }),
    broken("produced-in-the-future", "STALE", { time: at(61) }),
    broken("unknown-critical-extension", "UNKNOWN_CRITICAL_EXTENSION", {
      extensions: [extension("1.2.392.200149.8.5.99", true, nullValue())],
    }),
    broken("reason-7", "MALFORMED", { answers: [about({ status: revokedStatus(7) })] }),
    broken("good-with-content", "MALFORMED", { answers: [about({ status: element(0x80, Buffer.of(0)) })] }),
    broken("delegate-not-there", "UNTRUSTED", { certificates: [] }),
    broken("delegate-without-nocheck", "STATUS_UNKNOWN", withDelegate(ocspSigning)),
    broken("delegate-for-something-else", "KEY_USAGE", withDelegate(noCheck)),
    broken("delegate-of-another-key-of-the-same-name", "SIGNATURE_INVALID", {
      certificates: [responderCertificate(authorityOf(keys.other), keys.responder, ocspSigning, noCheck)],
    }),
    broken("delegate-expired", "EXPIRED", {
      certificates: [
        authority.issue({
          subject: delegate.subject.der,
          publicKey: keys.responder.publicKey,
          serial: 0x0134_0098,
          notAfter: at(-1),
          extensions: [ocspSigning, noCheck],
        }),
      ],
    }),
    of("ocsp/by-another-authority", { code: "UNTRUSTED" }, response({ certificates: [] }, authorityOf(keys.other))),
  ];
}
