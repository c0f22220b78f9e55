import { randomBytes } from "node:crypto";
import {
  companionNames,
  companionsOf,
  credentialType,
  credentialTypeUri,
  disclosureDigest,
  formatSdJwt,
  makeDisclosure,
  type PublicJwk,
  signJws,
} from "@xid/protocol";
import type { z } from "zod";
import { deriveItems } from "../attributes/derive-items.ts";
import { readAccountState } from "../identity/account-state.ts";
import type { Device } from "../identity/device.ts";
import { importDeviceKey } from "../identity/device-keys.ts";
import type { Platform } from "../platform.ts";
import { presentItems } from "./display/present-items.ts";
import { readRequest, refusal } from "./engine.ts";
import { RequestError } from "./request-error.ts";
import { requireGoodStanding } from "./standing.ts";

/** Seconds: as long as a result can be read. There is no status to ask for, because there is hardly a life to revoke. */
export const credentialLifetime = 86_400;

/**
 * An SD-JWT VC (RFC 9901, draft-ietf-oauth-sd-jwt-vc) of exactly what this device was shown for a request that it has open,
 * each claim its own disclosure, bound to a key that the app made for this one presentation. One credential for one relying
 * party: what it signs and to whom it binds are never seen by another, so two of them cannot tell by it that they know the
 * same person. Throws `RequestError`.
 */
export async function issueCredential(
  platform: Platform,
  device: Device,
  requestId: string,
  holderKey: z.infer<typeof PublicJwk>,
): Promise<string> {
  const [request, account] = await Promise.all([
    readRequest(platform, requestId),
    readAccountState(platform, device.accountId, requestId),
  ]);
  if (request?.state !== "opened") throw refusal(request);
  if (request.deviceId !== device.deviceId) throw new RequestError("OTHER_DEVICE");
  if (!request.asked.delivery) throw new RequestError("ENVELOPE_INVALID", "nothing goes end to end here");
  requirePoint(holderKey);
  await requireGoodStanding(platform, account);
  const known = deriveItems(account.attributes, await platform.jpki.now());
  const shown = presentItems(platform, request.asked.items, known).filter(({ value }) => value !== null);
  const companions = companionsOf(request.asked.items.map(({ name }) => name));
  const claims = [
    ...shown.map(({ name, value }) => [name, value] as const),
    ...companionNames.filter((name) => companions.includes(name)).map((name) => [name, known[name]] as const),
  ];
  const disclosures = claims.map(([name, value]) => makeDisclosure(randomBytes(16), name, value));
  const iat = Math.floor(platform.clock() / 1000);
  const { issuer } = platform.config;
  const [key] = platform.credentialKeys;
  const payload = {
    iss: issuer,
    iat,
    exp: iat + credentialLifetime,
    vct: credentialTypeUri(issuer),
    cnf: { jwk: holderKey },
    _sd_alg: "sha-256",
    // Sorted: their order tells nothing about what they are (RFC 9901 §4.2.4.1).
    _sd: disclosures.map(disclosureDigest).sort(),
  };
  return formatSdJwt(await signJws({ typ: credentialType, kid: key.kid }, payload, key), disclosures);
}

function requirePoint(key: z.infer<typeof PublicJwk>): void {
  try {
    importDeviceKey(key);
  } catch (cause) {
    throw new RequestError("ENVELOPE_INVALID", "the holder's key is none", { cause });
  }
}
