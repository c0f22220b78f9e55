import { fetchEncryptionKeys, ProtocolError, type Recipient } from "@xid/protocol";
import type { Client } from "oidc-provider";
import { askOutside } from "../events/ask-outside.ts";
import type { Platform } from "../platform.ts";

/** Of a relying party's JWK set: octets, and milliseconds for the whole exchange. */
const limits = { maxAnswer: 65_536, timeout: 2500 };

/**
 * The key to which something is encrypted for a relying party, as it is now at its own `jwks_uri`. The wallet fetches it
 * there too, and compares. Throws a `ProtocolError`: `KEY_MISSING`, `KEY_UNREACHABLE`.
 */
export async function recipientOf({ config }: Pick<Platform, "config">, client: Client): Promise<Recipient> {
  const { jwksUri } = client;
  if (jwksUri === undefined) throw new ProtocolError("KEY_MISSING", "the client is registered without a jwks_uri");
  const [key] = await fetchEncryptionKeys(jwksUri, async (url) => {
    const headers = { accept: "application/json" };
    const anywhere = config.profile === "sandbox";
    const { status, body } = await askOutside(String(url), { method: "GET", headers, ...limits, anywhere });
    return new Response(body, { status });
  });
  return { jwksUri, key };
}
