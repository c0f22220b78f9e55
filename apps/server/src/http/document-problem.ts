import type { DocumentError, DocumentErrorCode } from "../document/document-error.ts";
import { ApiProblem, type ApiProblemCode } from "./problem.ts";

/** What apps and relying parties are told when a document is refused. */
const ofDocument: Record<DocumentErrorCode, ApiProblemCode> = {
  NOT_FOUND: "NOT_FOUND",
  MALFORMED: "DOCUMENT_MALFORMED",
  UNSUPPORTED: "DOCUMENT_UNSUPPORTED",
  NOT_SIGNABLE: "DOCUMENT_NOT_SIGNABLE",
  SIGNED: "DOCUMENT_SIGNED",
  SEAL_MISPLACED: "SEAL_MISPLACED",
  NO_SUCH_SIGNER: "SIGNER_UNKNOWN",
  NOT_YET: "SIGNER_NOT_YET",
  OTHER_SIGNER: "SIGNER_MISMATCH",
  CHANGED: "DOCUMENT_CHANGED",
  TOO_MUCH: "STORAGE_FULL",
  BUSY: "UNAVAILABLE",
  LEVEL_UNAVAILABLE: "LEVEL_UNAVAILABLE",
  TIMESTAMP_UNAVAILABLE: "TIMESTAMP_UNAVAILABLE",
};

export function documentProblem(error: DocumentError): ApiProblem {
  return new ApiProblem(ofDocument[error.code], { detail: error.message, cause: error });
}
