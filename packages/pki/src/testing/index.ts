export { attribute } from "../cms/attributes.ts";
export { messageSignatures } from "../cms/message-signature-algorithm.ts";
export { cmsOids } from "../cms/oids.ts";
export { signingCertificateV2 } from "../cms/signing-certificate.ts";
export * from "../der/writer.ts";
export * from "./authority.ts";
export * from "./raw-signed-data.ts";
export * from "./test-pdf.ts";
export * from "./timestamp-authority.ts";
