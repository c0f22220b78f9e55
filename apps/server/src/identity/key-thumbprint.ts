import { contentDigest, type EcJwk } from "@xid/protocol";

/** JWK thumbprint (RFC 7638), SHA-256, base64url: canonical JSON of the required members is what that RFC hashes. */
export function keyThumbprint({ crv, kty, x, y }: EcJwk): string {
  return contentDigest({ crv, kty, x, y });
}
