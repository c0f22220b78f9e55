export { type Certificate, parseCertificate } from "./certificate.ts";
export { keyUsage } from "./extensions.ts";
export type { GeneralName } from "./general-name.ts";
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
export { type PathInput, type VerifiedPath, verifyPath } from "./path.ts";
export { PkiError, type PkiErrorCode } from "./pki-error.ts";
export { type MessageAlgorithm, verifySignature } from "./signature.ts";
