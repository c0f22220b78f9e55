import { fetchEncryptionKeys, ProtocolError, type Recipient } from "@xid/protocol";
import type { Client } from "oidc-provider";
import { boundedFetch } from "../jpki/bounded-fetch.ts";

/** Of a relying party's JWK set: octets, and milliseconds for the whole exchange. */
const limits = { maxOctets: 65_536, timeout: 2500 };

/**
 * The key to which something is encrypted for a relying party, as it is now at its own `jwks_uri`. The wallet fetches it
 * there too, and compares. Throws a `ProtocolError`: `KEY_MISSING`, `KEY_UNREACHABLE`.
 */
export async function recipientOf(client: Client): Promise<Recipient> {
  const { jwksUri } = client;
  if (jwksUri === undefined) throw new ProtocolError("KEY_MISSING", "the client is registered without a jwks_uri");
  const [key] = await fetchEncryptionKeys(jwksUri, fetchBounded);
  return { jwksUri, key };
}

const fetchBounded: typeof fetch = async (url) => {
  const { status, body } = await boundedFetch(String(url), { ...limits, headers: { accept: "application/json" } });
  return new Response(new Uint8Array(body), { status });
};
