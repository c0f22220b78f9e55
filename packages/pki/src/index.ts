export { namesAsIssuer } from "./cert-id.ts";
export { type Certificate, parseCertificate } from "./certificate.ts";
export type { CertificateStatus } from "./certificate-status.ts";
export {
  addSigner,
  buildSignedData,
  type SignedAttribute,
  type SignedDataInput,
  type SignerInput,
  signedAttributes,
  type TimestampSource,
  type WrappedSignature,
  wrapSignature,
} from "./cms/signed-data.ts";
export { type CmsInput, type CmsSigner, type VerifiedCms, verifyCms } from "./cms/verify-cms.ts";
export { type Crl, parseCrl } from "./crl.ts";
export { type CrlStreamInput, verifyCrlStream } from "./crl-stream.ts";
export { keyUsage } from "./extensions.ts";
export type { GeneralName } from "./general-name.ts";
export { type CertificateProfile, issueCertificate, type SubjectAttribute } from "./issue.ts";
export { type CrlProfile, issueCrl, type Revocation } from "./issue-crl.ts";
export { issueOcspResponse, type KnownStatus, ocspFailure } from "./issue-ocsp-response.ts";
export {
  type JpkiAuthenticationCertificate,
  type JpkiEra,
  type JpkiSignatureCertificate,
  jpkiPolicies,
  ocspUrl,
  parseJpkiAuthenticationCertificate,
  parseJpkiSignatureCertificate,
} from "./jpki-profile.ts";
export { type Name, parseName } from "./name.ts";
export { type OcspInput, verifyOcspResponse } from "./ocsp.ts";
export { buildOcspRequest } from "./ocsp-request.ts";
export { type AskedCertId, type OcspRequest, parseOcspRequest } from "./parse-ocsp-request.ts";
export { type PathInput, type VerifiedPath, verifyPath } from "./path.ts";
export { type PathRevocationInput, verifyPathNotRevoked } from "./path-revocation.ts";
export { addValidationData, type ValidationData } from "./pdf/add-validation-data.ts";
export { inspectPdf, type PdfDescription } from "./pdf/inspect-pdf.ts";
export type { LaterChange, LaterChangeKind } from "./pdf/later-changes.ts";
export {
  addSignatureFields,
  draftPdfSignature,
  type PdfAppearance,
  type PdfDraft,
  type PdfDraftInput,
  type PdfSignatureField,
  type PdfSignatureInput,
  signPdf,
  timestampPdf,
} from "./pdf/sign-pdf.ts";
export {
  type Indication,
  type PdfSignatureVerdict,
  type PdfValidationInput,
  type SubIndication,
  validatePdf,
  verifyPdf,
} from "./pdf/validate-pdf.ts";
export { PkiError, type PkiErrorCode } from "./pki-error.ts";
export {
  type RevocationEvidence,
  type RevocationEvidenceInput,
  type RevocationFact,
  verifyRevocationEvidence,
} from "./revocation-evidence.ts";
export type { RevocationReason } from "./revocation-reason.ts";
export { type ServerName, verifyServerCertificate, verifyServerName } from "./server-certificate.ts";
export { encodeEcdsaSignature, type MessageAlgorithm, verifyDigestSignature, verifySignature } from "./signature.ts";
export { keySigner, type Signer } from "./signer.ts";
export { issueTimestamp, type TimestampIssue } from "./timestamp/issue-timestamp.ts";
export {
  buildTimestampRequest,
  type MessageImprint,
  parseTimestampRequest,
  type TimestampRequest,
} from "./timestamp/timestamp-request.ts";
export {
  parseTimestampResponse,
  type TimestampFailure,
  timestampFailure,
  timestampResponse,
} from "./timestamp/timestamp-response.ts";
export {
  readTimestampTime,
  type TimestampInput,
  type VerifiedTimestamp,
  verifyTimestamp,
} from "./timestamp/verify-timestamp.ts";
export {
  type Checkpoint,
  formatCheckpoint,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from "./transparency/checkpoint.ts";
export {
  consistencyProof,
  hashLength,
  inclusionProof,
  leafHash,
  nodeHash,
  rootHash,
  type SubtreeHash,
  subtreeRoot,
  verifyConsistency,
  verifyInclusion,
} from "./transparency/merkle-tree.ts";
export {
  cosignNote,
  formatNoteKey,
  formatSignedNote,
  type NoteKey,
  type NoteSignature,
  parseNoteKey,
  parseSignedNote,
  signNote,
  verifyNote,
} from "./transparency/signed-note.ts";
export {
  entriesPath,
  hashesFromTiles,
  type Tile,
  tilePath,
  tileWidth,
} from "./transparency/tiles.ts";
export { type VerifiedCrl, verifyCrl } from "./verified-crl.ts";
