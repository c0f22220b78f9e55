import { contentDigest } from "./canonical.ts";
import { type EnvelopeCrypto, requireOwnKey, sealEnvelope } from "./envelope.ts";
import { ProtocolError } from "./error.ts";
import { companionsOf, type ItemName } from "./items.ts";
import { type SigningKey, signJws } from "./jws.ts";
import type { RequestDisplay } from "./messages.ts";
import {
  credentialType,
  disclosureDigest,
  formatSdJwt,
  keyBindingType,
  parseSdJwt,
  presentationDigest,
} from "./sd-jwt.ts";

/** What an end-to-end delivery is made with. */
export type PresentationMeans = {
  /** Made for this one presentation: two relying parties cannot see by it that they have met the same device. */
  holderKey: SigningKey;
  /** Has the platform issue a credential of the items that are asked for, to that key. */
  fetchCredential(holderKey: SigningKey): Promise<string>;
  /** Milliseconds since 1970. */
  now: number;
  fetch?: typeof fetch;
  /** Where there is no WebCrypto. */
  crypto?: EnvelopeCrypto | undefined;
};

/**
 * The items that the person lets go, in an envelope that only the relying party can open: an SD-JWT presentation that it
 * can verify by itself, for it alone and this one request. Throws `ProtocolError`: `KEY_MISMATCH` and its like before
 * anything is asked for, `MALFORMED` when the platform's credential does not hold what was shown.
 */
export async function presentAttributes(
  display: RequestDisplay,
  items: readonly ItemName[],
  { holderKey, fetchCredential, now, fetch: fetchKeys, crypto }: PresentationMeans,
): Promise<string> {
  const { delivery, client } = display;
  if (!delivery) throw new TypeError("this request is not answered end to end");
  const recipientKey = await requireOwnKey(delivery.recipient, client.domain, fetchKeys);
  const credential = parseSdJwt(await fetchCredential(holderKey));
  requireShown(display, credential.disclosures);
  const wanted: string[] = [...items, ...companionsOf(items)];
  const disclosed = credential.disclosures.filter(({ name }) => wanted.includes(name));
  const presented = formatSdJwt(credential.issuerJwt, disclosed);
  const keyBinding = await signJws(
    { typ: keyBindingType },
    {
      iat: Math.floor(now / 1000),
      aud: client.clientId,
      nonce: delivery.nonce,
      sd_hash: presentationDigest(presented),
    },
    holderKey,
  );
  return sealEnvelope(recipientKey, credentialType, new TextEncoder().encode(presented + keyBinding), crypto);
}

/** What leaves is what the person saw, whatever the platform has put into the credential. */
function requireShown({ items }: RequestDisplay, disclosures: ReturnType<typeof parseSdJwt>["disclosures"]): void {
  for (const { name, value } of items) {
    const given = disclosures.filter((disclosure) => disclosure.name === name);
    const same = value === null ? given.length === 0 : given.length === 1 && sameJson(given[0]!.value, value);
    if (!same) throw new ProtocolError("MALFORMED", `the credential's ${name} is not what was shown`);
  }
  const digests = disclosures.map(disclosureDigest);
  if (new Set(digests).size !== digests.length) throw new ProtocolError("MALFORMED", "a disclosure comes twice");
}

function sameJson(one: unknown, other: unknown): boolean {
  return contentDigest({ value: one }) === contentDigest({ value: other });
}
