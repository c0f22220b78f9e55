import { hash } from "node:crypto";
import type { SignedByCard } from "@xid/protocol";
import { CardSignatureResult } from "../../request/act/card-signature.ts";
import { openResult } from "../../request/result.ts";
import type { PresentResult } from "./present-result.ts";

/** The signature, its standing, and as much of the certificate as this relying party may have. */
export const presentCardSignature: PresentResult<"card_signature"> = (platform, request, asked, caller) => {
  const { document } = asked.signature;
  const result = openResult(platform, request, CardSignatureResult);
  return {
    document: {
      name: document.form === "file" ? document.name : null,
      digest: document.digest,
      size: document.size,
    },
    signature: result && presentSignature(result, caller.receivesCertificates),
  };
};

function presentSignature(result: CardSignatureResult, whole: boolean): SignedByCard {
  const { signature, cms, certificate, status, verifiedAt } = result;
  return {
    algorithm: "RS256",
    value: whole ? signature : null,
    cms: whole ? cms : null,
    certificates: whole ? [certificate.certificate, ...certificate.issuers] : null,
    hashes: { value: sha256(signature), cms: sha256(cms) },
    report: { indication: "TOTAL-PASSED", verifiedAt, facts: factsOf(result) },
    revocation: {
      source: status.kind,
      status: "good",
      checkedAt: status.checkedAt,
      response: whole && status.kind === "ocsp" ? status.response : null,
      listDigest: status.kind === "crl" ? status.listDigest : null,
    },
  };
}

/** Each of these was verified before the result was written (identity/verify-card-signature.ts), or nothing would be here. */
function factsOf({ certificate, status, verifiedAt }: CardSignatureResult): SignedByCard["report"]["facts"] {
  const passed = (check: SignedByCard["report"]["facts"][number]["check"], detail: string) =>
    ({ check, outcome: "passed", detail }) as const;
  return [
    passed("signature", "RSASSA-PKCS1-v1_5 with SHA-256, over the document's digest, by the certificate's key"),
    passed("certificate_path", `RFC 5280, ${certificate.issuers.length} above it, up to a trusted JPKI authority`),
    passed("certificate_purpose", "JPKI signature certificate (署名用電子証明書) by its policy"),
    passed("certificate_validity", `valid at ${verifiedAt}`),
    passed("revocation", `${status.kind === "ocsp" ? "OCSP (RFC 6960)" : "CRL (RFC 5280)"}: good`),
    passed("person", "the card of the person whose account approved"),
  ];
}

function sha256(base64: string): string {
  return hash("sha256", Buffer.from(base64, "base64"), "base64url");
}
