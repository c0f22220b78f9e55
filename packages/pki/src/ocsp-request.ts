import { issuerHashes } from "./cert-id.ts";
import type { Certificate } from "./certificate.ts";
import { tags } from "./der/tags.ts";
import { element, explicit, integer, nullValue, objectIdentifier, octetString, sequence } from "./der/writer.ts";
import { ocspNonceId } from "./ocsp-extensions.ts";

/**
 * An OCSP request for one certificate (RFC 6960 4.1), unsigned. `nonce`: 1 to 32 random octets (RFC 8954), to be given
 * again to `verifyOcspResponse`. The issuer is taken as given.
 */
export function buildOcspRequest(input: {
  certificate: Certificate;
  issuer: Certificate;
  nonce?: Uint8Array;
}): Uint8Array {
  const { certificate, issuer, nonce } = input;
  const hashes = issuerHashes("sha1", issuer);
  const certId = sequence(
    sequence(objectIdentifier("1.3.14.3.2.26"), nullValue()),
    octetString(hashes.name),
    octetString(hashes.key),
    integer(certificate.serialNumber),
  );
  const requestList = sequence(sequence(certId));
  if (nonce === undefined) return sequence(sequence(requestList));
  if (nonce.length < 1 || nonce.length > 32) throw new RangeError("a nonce has 1 to 32 octets");
  const extension = sequence(objectIdentifier(ocspNonceId), octetString(element(tags.octetString, nonce)));
  return sequence(sequence(requestList, explicit(2, sequence(extension))));
}
