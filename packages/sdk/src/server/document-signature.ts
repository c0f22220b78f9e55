import { createHash } from "node:crypto";
import { encodeEcdsaSignature, PkiError, parseCertificate, verifyCms, verifySignature } from "@xid/pki";
import {
  contentDigest,
  DocumentSignatureDetail,
  DocumentState,
  documentSignatureType,
  type Seal,
  type SignatureLayout,
  type SignatureLevel,
  type SignedByDevice,
  SigningPlan,
} from "@xid/protocol";
import type { TokenEndpointResponse } from "openid-client";
import { z } from "zod";
import type { Api } from "./api.ts";
import type { Connection } from "./client.ts";
import { readResult } from "./read-result.ts";
import { XidError } from "./xid-error.ts";

/** Data that stays here: only its digest leaves this process. */
export type DataToSign =
  | { file: Uint8Array; name: string; algorithm?: "sha-256" | "sha-384" | "sha-512" }
  | { digest: string; algorithm: "sha-256" | "sha-384" | "sha-512"; name: string; size: number };

/** What people are to sign with the keys of their devices. */
export type DocumentToSign = {
  /** What stands above it, in one of the fixed layouts. */
  display: SignatureLayout;
} & (
  | {
      /** At most 50 MiB. It is handed in, and signed in revisions of its own (PAdES). */
      pdf: Uint8Array;
      /** Shown to those who sign. */
      name: string;
      /** B-T unless told. */
      level?: SignatureLevel;
      /** One person, who is not named, without. */
      signers?: readonly { subject?: string; seal?: Seal }[];
      /** Of the one signer, where `signers` is not given. */
      seal?: Seal;
      /** `serial` unless told. */
      order?: "serial" | "any";
      /** How long it is kept; 90 unless told. */
      days?: number;
    }
  | { data?: DataToSign; format: "cms"; level?: "B-B" | "B-T" }
  | { data?: DataToSign; format: "jws"; detached?: boolean }
);

/** Something that can be signed: for `start` and `requestApproval`, as often as it has signers. Plain JSON. */
export type DocumentOrder = { detail: DocumentSignatureDetail };

/** What of an order is remembered until its signature comes. */
export type DocumentExpectation = {
  layoutDigest: string;
  format: DocumentSignatureDetail["format"];
  document?: DocumentSignatureDetail["document"];
};

/** What a person has signed with the key of their device. */
export type DocumentSignature = SignedByDevice & {
  requestId: string;
  evidenceId: string;
  format: "pdf" | "cms" | "jws";
  level: SignatureLevel;
};

/** Hands a PDF in and plans who signs it; of anything else only the digest is taken. Throws a TypeError on what cannot be signed. */
export async function orderDocument(api: Api, what: DocumentToSign): Promise<DocumentOrder> {
  if (!("pdf" in what)) return { detail: toDetail(what) };
  const { pdf, name, display, level = "B-T", order = "serial", days, seal } = what;
  const { signers = [seal ? { seal } : {}] } = what;
  const plan = SigningPlan.safeParse({
    level,
    order,
    signers: signers.map(({ subject, seal }) => ({ ...(subject && { sub: subject }), ...(seal && { seal }) })),
  });
  if (!plan.success) throw new TypeError(`the document cannot be signed: ${plan.error.issues[0]?.message}`);
  const scope = "documents";
  const handedIn = await api.json(
    {
      method: "POST",
      path: "/documents",
      scope,
      query: { name, days: days === undefined ? undefined : String(days) },
      body: { bytes: pdf, mediaType: "application/pdf" },
    },
    DocumentState,
  );
  if (handedIn.original.digest !== sha256(pdf)) throw new XidError("RESPONSE_INVALID", "another file was taken in");
  const { documentId } = handedIn;
  await api.json({ method: "PUT", path: `/documents/${documentId}/signing`, scope, body: plan.data }, DocumentState);
  return { detail: { type: documentSignatureType, format: "pdf", document: { id: documentId }, display } };
}

/** How far the signing of a PDF is. */
export function readDocumentState(api: Api, { detail }: DocumentOrder): Promise<DocumentState> {
  return api.json({ method: "GET", path: `/documents/${documentIdOf(detail)}`, scope: "documents" }, DocumentState);
}

/** The PDF as it is now, once it is the one that the platform's report is about. */
export async function downloadDocument(api: Api, order: DocumentOrder): Promise<Uint8Array> {
  const path = `/documents/${documentIdOf(order.detail)}/content`;
  for (let attempt = 1; ; attempt++) {
    const [pdf, state] = [
      await api.bytes({ method: "GET", path, scope: "documents" }),
      await readDocumentState(api, order),
    ];
    if (sha256(pdf) === state.digest) return pdf;
    // Somebody may have signed between the two calls.
    if (attempt === 3) throw new XidError("RESPONSE_INVALID", "the file is not the one that the report is about");
  }
}

export async function deleteOrdered(api: Api, { detail }: DocumentOrder): Promise<void> {
  await api.nothing({ method: "DELETE", path: `/documents/${documentIdOf(detail)}`, scope: "documents" });
}

function documentIdOf(detail: DocumentSignatureDetail): string {
  if (detail.format !== "pdf") throw new TypeError("no document was handed in");
  return detail.document.id;
}

function toDetail(what: Exclude<DocumentToSign, { pdf: Uint8Array }>): DocumentSignatureDetail {
  const { data, display, format } = what;
  const parsed = DocumentSignatureDetail.safeParse({
    type: documentSignatureType,
    format,
    display,
    ...(data && { document: toDigest(data) }),
    ...(format === "cms" && { level: what.level ?? "B-T" }),
    ...(format === "jws" && { detached: what.detached ?? false }),
  });
  if (!parsed.success) throw new TypeError(`this cannot be signed: ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

function toDigest(data: DataToSign) {
  if (!("file" in data)) return data;
  const { file, name, algorithm = "sha-256" } = data;
  const digest = createHash(algorithm.replace("-", "")).update(file).digest("base64url");
  return { algorithm, digest, name, size: file.length };
}

/** The member of `authorization_details` for one of the signers, and what must come of it. */
export function toDocumentDetail(
  { detail }: DocumentOrder,
  signer: number | undefined,
): { parameter: string; expected: DocumentExpectation } {
  const asked =
    detail.format === "pdf" && signer !== undefined ? { ...detail, document: { ...detail.document, signer } } : detail;
  const { format, document } = asked;
  return {
    parameter: JSON.stringify([asked]),
    expected: { layoutDigest: contentDigest(asked.display), format, ...(document && { document }) },
  };
}

/**
 * Reads the result of the request that the tokens came from and makes sure that it is of what was ordered: that the signed
 * content holds the layout that was asked for, and the signature of CMS or JWS fits the content and its certificate. Whether the
 * certificate is to be trusted is the platform's word here; of a PDF `verifySignedPdf` finds out. Throws `XidError`.
 */
export async function readDocumentSignature(
  connection: Connection,
  tokens: TokenEndpointResponse,
  expected: DocumentExpectation,
): Promise<DocumentSignature> {
  const result = await readResult(connection, tokens, documentSignatureType);
  if (result.kind !== "document_signature" || !result.signature || !result.evidenceId) {
    throw new XidError("RESPONSE_INVALID", "the result is not of a document signature");
  }
  const { signature, format, level, evidenceId, requestId } = result;
  const content = Buffer.from(signature.content, "base64");
  const shown = SignedContent.safeParse(parseJson(content));
  const isOrdered =
    shown.success &&
    shown.data.requestId === requestId &&
    contentDigest(shown.data.layout) === expected.layoutDigest &&
    format === expected.format &&
    isSameDocument(shown.data.document, expected.document);
  if (!isOrdered) throw new XidError("RESPONSE_INVALID", "something else was signed");
  verify(signature, content, shown.data.document);
  return { ...signature, requestId, evidenceId, format, level };
}

const SignedContent = z.looseObject({
  typ: z.literal("xid-signed-content-v1"),
  requestId: z.string(),
  layout: z.looseObject({}),
  document: z.looseObject({ form: z.enum(["pdf", "data", "none"]) }),
});

function isSameDocument(shown: Record<string, unknown>, asked: DocumentSignatureDetail["document"]): boolean {
  if (asked === undefined) return shown.form === "none";
  if ("id" in asked) return shown.form === "pdf" && shown.documentId === asked.id;
  return shown.form === "data" && shown.digest === asked.digest && shown.algorithm === asked.algorithm;
}

function verify({ certificates, cms, jws }: SignedByDevice, content: Buffer, document: Record<string, unknown>): void {
  try {
    const certificate = parseCertificate(Buffer.from(certificates[0] ?? "", "base64"));
    if (cms !== null) {
      const digest =
        document.form === "data"
          ? Buffer.from(String(document.digest), "base64url")
          : createHash("sha256").update(content).digest();
      const { signers } = verifyCms(Buffer.from(cms, "base64"), { content: () => digest });
      if (signers.length !== 1 || !signers[0]!.certificate.der.equals(certificate.der)) throw wrong("by somebody else");
    }
    if (jws !== null) {
      const [header, payload, signature] = jws.split(".");
      const encoded = content.toString("base64url");
      if (payload !== "" && payload !== encoded) throw wrong("of something else");
      verifySignature({
        certificate,
        algorithm: "ES256",
        data: Buffer.from(`${header}.${encoded}`, "latin1"),
        signature: encodeEcdsaSignature(Buffer.from(signature ?? "", "base64url")),
      });
    }
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw wrong("that does not fit", cause);
  }
}

function wrong(what: string, cause?: unknown): XidError {
  return new XidError("RESPONSE_INVALID", `a signature ${what}`, { cause });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}
