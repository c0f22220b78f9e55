import { createHash } from "node:crypto";
import {
  buildSignedData,
  type Certificate,
  draftPdfSignature,
  encodeEcdsaSignature,
  parseCertificate,
  type SignedAttribute,
  signedAttributes,
  type TimestampSource,
  verifySignature,
} from "@xid/pki";
import { fromBase64url, type SigningDisplay, shownAttributeType, signedContent, toBase64url } from "@xid/protocol";
import { sealFieldName } from "../document/plan-signing.ts";
import { sealAppearance } from "./seal-appearance.ts";
import type { SigningAuthority } from "./signing-authority.ts";

/** What was shown, or is about to be: all but the octets to be signed, which follow from it. */
export type Unsigned = Omit<SigningDisplay, "signing"> & { signing: Omit<SigningDisplay["signing"], "toBeSigned"> };

/** A signature that waits for the device's key. */
export type SigningDraft = {
  toBeSigned: Uint8Array;
  /** Of a PDF: the file that the signature will be over, with an empty space for it. */
  file: Uint8Array | undefined;
  /**
   * Puts the signature in its place: a PDF file, CMS in DER, or a compact JWS in ASCII. `signature` is r ‖ s. Throws `PkiError`
   * (`SIGNATURE_INVALID`), and what `timestamp` throws. The draft is of no use afterwards.
   */
  finish(signature: Uint8Array, timestamp: TimestampSource | undefined): Promise<Uint8Array>;
};

/**
 * Drafts the signature that a display is about. From the same display, and of a PDF the same file, comes the same draft, so
 * that nothing needs to be kept between showing and signing. Throws `PkiError` on a file that cannot be signed.
 */
export function draftSigning(
  { chain: [issuing] }: SigningAuthority,
  display: Unsigned,
  { content, name }: { content: Buffer | undefined; name: string },
): SigningDraft {
  const certificate = parseCertificate(fromBase64url(display.signing.certificate));
  const rendered = signedContent(display as SigningDisplay);
  switch (display.signing.format) {
    case "pdf":
      if (!content) throw new TypeError("a PDF signature without its file");
      return draftPdf(display, { content, name, certificate, issuing, rendered });
    case "cms":
      return draftCms(display, { certificate, issuing, rendered });
    case "jws":
      return draftJws(display, { certificate, issuing, rendered });
  }
}

type Parts = { certificate: Certificate; issuing: Certificate; rendered: Uint8Array };

function draftPdf(
  { signing: { document, level, signedAt } }: Unsigned,
  { content, name, certificate, issuing, rendered }: Parts & { content: Buffer; name: string },
): SigningDraft {
  if (document.form !== "pdf") throw new TypeError("a PDF signature of another document");
  const { seal, signer } = document;
  const at = new Date(signedAt * 1000);
  const reason = seal?.reason ?? undefined;
  const draft = draftPdfSignature(content, {
    certificate: certificate.der,
    furtherCertificates: [issuing.der],
    algorithm: "ES256",
    signingTime: at,
    furtherAttributes: [shownAttribute(rendered)],
    withTimestamp: level !== "B-B",
    ...(reason !== undefined && { reason }),
    ...(seal && {
      fieldName: sealFieldName(signer.position),
      appearance: sealAppearance(seal, { name, at }),
    }),
  });
  return {
    toBeSigned: draft.toBeSigned,
    file: draft.pdf,
    finish: (signature, timestamp) => draft.finish(encodeEcdsaSignature(signature), timestamp),
  };
}

function draftCms(
  { signing: { document, signedAt } }: Unsigned,
  { certificate, issuing, rendered }: Parts,
): SigningDraft {
  const digest =
    document.form === "data"
      ? Buffer.from(document.digest, "base64url")
      : createHash("sha256").update(rendered).digest();
  const input = {
    content: () => digest,
    certificate: certificate.der,
    algorithm: "ES256",
    signingTime: new Date(signedAt * 1000),
    furtherAttributes: [shownAttribute(rendered)],
  } as const;
  return {
    toBeSigned: signedAttributes(input),
    file: undefined,
    finish: (signature, timestamp) =>
      buildSignedData({
        ...input,
        detached: true,
        furtherCertificates: [issuing.der],
        sign: async () => encodeEcdsaSignature(signature),
        ...(timestamp && { timestamp }),
      }),
  };
}

/** RFC 7515 with the chain of certificates (4.1.6): what was shown is the payload. */
function draftJws({ signing: { signedAt } }: Unsigned, { certificate, issuing, rendered }: Parts): SigningDraft {
  const x5c = [certificate, issuing].map(({ der }) => der.toString("base64"));
  const header = { alg: "ES256", typ: "JOSE", iat: signedAt, x5c };
  const input = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${toBase64url(rendered)}`;
  const toBeSigned = Buffer.from(input, "latin1");
  return {
    toBeSigned,
    file: undefined,
    async finish(signature) {
      verifySignature({
        certificate,
        algorithm: "ES256",
        data: toBeSigned,
        signature: encodeEcdsaSignature(signature),
      });
      return Buffer.from(`${input}.${toBase64url(signature)}`, "latin1");
    },
  };
}

function shownAttribute(rendered: Uint8Array): SignedAttribute {
  // OCTET STRING of 32 octets.
  const value = Buffer.concat([Buffer.of(0x04, 0x20), createHash("sha256").update(rendered).digest()]);
  return { type: shownAttributeType, value };
}
