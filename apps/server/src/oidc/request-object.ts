import { type Client, errors, type KoaContextWithOIDC } from "oidc-provider";

/** FAPI 2.0 Message Signing §5.3.1; here for every client. In seconds. */
const maxLifetime = 3600;
const maxAge = 3600;

const maxJtiLength = 256;

/**
 * What the library leaves open in a signed authorization request (RFC 9101; it verifies signature, issuer, audience and
 * that the times have come and not passed): none without an end, an audience and a beginning; none from long ago, none
 * for long. Throws `invalid_request_object`.
 */
export function assertRequestObject(
  context: KoaContextWithOIDC,
  claims: Record<string, unknown>,
  header: Record<string, unknown>,
  _client: Client,
): void {
  const { aud, iss, exp, nbf, jti } = claims;
  const now = Date.now() / 1000;
  const refuse = (why: string): never => {
    throw new errors.InvalidRequestObject(`the request object ${why}`);
  };
  for (const [name, value] of Object.entries({ aud, iss, exp, nbf })) if (value === undefined) refuse(`has no ${name}`);
  if (typeof exp !== "number" || typeof nbf !== "number") throw refuse("has times that are no numbers");
  if (exp <= nbf || exp > nbf + maxLifetime) refuse("is good for more than an hour, or for no time");
  if (nbf < now - maxAge) refuse("is older than an hour");
  if (jti !== undefined && (typeof jti !== "string" || jti.length > maxJtiLength))
    refuse("has a jti that is no short text");
  // RFC 9101 §4, and "JWT" as RFC 7519 §5.1 has it.
  if (header.typ !== undefined && !["oauth-authz-req+jwt", "JWT"].includes(String(header.typ)))
    refuse("has another typ");
  if (header.crit !== undefined) refuse("has critical headers");
  if (header.kid !== undefined && typeof header.kid !== "string") refuse("has a kid that is no text");
  // OpenID Connect CIBA §7.1.1
  if (context.oidc.route === "backchannel_authentication") {
    for (const name of ["iat", "jti"]) if (claims[name] === undefined) refuse(`has no ${name}`);
  }
}
