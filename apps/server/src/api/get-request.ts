import { hash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { RequestResult, type SignedByCard } from "@xid/protocol";
import { ApiProblem } from "../http/problem.ts";
import { readRequest } from "../request/engine.ts";
import type { Request } from "../request/request.ts";
import { type CardSignatureResult, openResult } from "../request/result.ts";
import type { ApiRoute } from "./route.ts";

/** What became of a request: for the relying party that made it, with a token of the person who opened it. */
export const getRequest: ApiRoute = {
  method: "get",
  path: "/requests/{id}",
  scope: "openid",
  audience: "platform",
  token: "person",
  name: "getRequest",
  summary: { ja: "依頼の結果", en: "The result of a request" },
  description: {
    ja: "依頼の状態と、カードによる署名なら署名・検証結果・失効確認の回答を返します。その依頼をしたサービスが、署名した方のアクセストークンで、その有効なあいだ取得できます。結果は依頼の有効期限から24時間で消えます。",
    en: "The state of a request and, for a signature by the card, the signature, what was verified and the revocation answer. For the relying party that made it, with an access token of the person who signed while it lives. The result is deleted 24 hours after the request's end.",
  },
  parameters: z.object({ id: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/) }),
  answer: RequestResult,
  async serve(platform, { caller, id }) {
    const request = await readRequest(platform, id);
    if (request?.clientId !== caller.clientId || request.accountId !== caller.accountId) {
      throw new ApiProblem("NOT_FOUND");
    }
    return present(request, openResult(platform, request), caller.receivesCertificates);
  },
};

function present(request: Request, result: CardSignatureResult | null, whole: boolean): RequestResult {
  const { requestId, state, createdAt, decidedAt, grantedItems, evidenceId, asked } = request;
  const common = {
    requestId,
    state,
    createdAt: createdAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    items: grantedItems ?? [],
    evidenceId,
  };
  if (asked.kind === "sign_in") return { kind: "sign_in", ...common };
  const { document } = asked.signature;
  return {
    kind: "card_signature",
    ...common,
    document: {
      name: document.form === "file" ? document.name : null,
      digest: document.digest,
      size: document.size,
    },
    signature: result && presentSignature(result, whole),
  };
}

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
