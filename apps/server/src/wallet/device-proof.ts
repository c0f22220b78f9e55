import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  type DecodedJws,
  DeviceProofClaims,
  decodeJws,
  deviceProofHeader,
  deviceProofMaxAge,
  deviceProofType,
  type EcJwk,
  ProtocolError,
  PublicJwk,
} from "@xid/protocol";
import type { HonoRequest } from "hono";
import { sql } from "kysely";
import { ApiProblem } from "../http/problem.ts";
import type { Device } from "../identity/device.ts";
import { keyThumbprint } from "../identity/key-thumbprint.ts";
import type { Platform } from "../platform.ts";
import { BriefCache } from "../store/brief-cache.ts";

/** A caller whose key signed this very call. Without `device` it is a key that is not enrolled. */
export type ProvenCaller = { keyThumbprint: string; device: Device | undefined };

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const deviceIdPattern = new RegExp(`^(${uuid})\\.(${uuid})$`);

/** Imported keys are kept for a moment; whether a device is revoked is asked at every call. */
const keyLifetime = 60_000;

type ImportedKey = { key: KeyObject; thumbprint: string };
type DeviceRow = { authentication_key: EcJwk; key_level: string; revoked_at: Date | null };

/**
 * Verifies the device proof of a call (packages/protocol/src/device-proof.ts): signature, method, URL, body, age, and
 * that it comes for the first time, in whichever process. What the caller may do with its proof is not checked here.
 */
export class DeviceProofVerifier {
  readonly #platform: Platform;
  readonly #keys: BriefCache<ImportedKey>;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#keys = new BriefCache(keyLifetime, platform.clock);
  }

  /** Throws `ApiProblem`: `UNAUTHENTICATED`, `PROOF_REPLAYED` or `DEVICE_REVOKED`. `body` as it was sent. */
  async verify(request: HonoRequest, body: Uint8Array): Promise<ProvenCaller> {
    const proof = parseProof(request.header(deviceProofHeader));
    const claims = this.#checkClaims(proof.payload, request, body);
    const { kid, jwk } = proof.header;
    if (typeof kid === "string" && jwk === undefined) return this.#verifyDevice(proof, claims, kid);
    if (kid === undefined) return this.#verifyNewKey(proof, claims, jwk);
    throw unauthenticated("the proof names a device or carries a key, not both");
  }

  #checkClaims(payload: unknown, request: HonoRequest, body: Uint8Array): DeviceProofClaims {
    const parsed = DeviceProofClaims.safeParse(payload);
    if (!parsed.success) throw unauthenticated("the proof's claims are not in their form");
    const claims = parsed.data;
    const { config, clock } = this.#platform;
    const age = clock() / 1000 - claims.iat;
    if (Math.abs(age) > deviceProofMaxAge) throw unauthenticated("the proof is too old, or from the future");
    if (claims.htm !== request.method) throw unauthenticated("the proof is for another method");
    // As it was sent: `request.path` is decoded.
    const { pathname } = new URL(request.url);
    if (claims.htu !== `${config.issuer}${pathname}`) throw unauthenticated("the proof is for another URL");
    const digest = createHash("sha256").update(body).digest("base64url");
    if (claims.bodyDigest !== digest) throw unauthenticated("the proof is for another body");
    return claims;
  }

  async #verifyDevice(proof: DecodedJws, { jti, iat }: DeviceProofClaims, kid: string): Promise<ProvenCaller> {
    const [, accountId, deviceId] = deviceIdPattern.exec(kid) ?? [];
    if (!accountId || !deviceId) throw unauthenticated("the proof names no device");
    const { key, thumbprint } = this.#keys.get(kid) ?? (await this.#importDeviceKey(kid, accountId, deviceId));
    verifySignature(proof, key);
    // Only now is anything written: who holds no key can fill no table.
    const { rows } = await sql<DeviceRow & { fresh: boolean }>`
      WITH used AS (
        INSERT INTO used_identifiers (identifier, expires_at) VALUES (${`${kid}:${jti}`}, ${usableUntil(iat)})
        ON CONFLICT (identifier) DO NOTHING RETURNING identifier
      )
      SELECT EXISTS (SELECT 1 FROM used) AS fresh, authentication_key, key_level, revoked_at
      FROM devices WHERE account_id = ${accountId}::uuid AND device_id = ${deviceId}::uuid`.execute(
      this.#platform.unsynced,
    );
    const row = rows[0];
    if (!row || keyThumbprint(row.authentication_key) !== thumbprint) throw unauthenticated("no such device");
    if (!row.fresh) throw new ApiProblem("PROOF_REPLAYED");
    if (row.revoked_at) throw new ApiProblem("DEVICE_REVOKED");
    return {
      keyThumbprint: thumbprint,
      device: { accountId, deviceId, authenticationKey: key, keyLevel: row.key_level },
    };
  }

  async #importDeviceKey(kid: string, accountId: string, deviceId: string): Promise<ImportedKey> {
    const row = await this.#platform.database
      .selectFrom("devices")
      .select("authentication_key")
      .where("account_id", "=", accountId)
      .where("device_id", "=", deviceId)
      .executeTakeFirst();
    if (!row) throw unauthenticated("no such device");
    const imported = importKey(row.authentication_key);
    this.#keys.set(kid, imported);
    return imported;
  }

  async #verifyNewKey(proof: DecodedJws, { jti, iat }: DeviceProofClaims, jwk: unknown): Promise<ProvenCaller> {
    const parsed = PublicJwk.safeParse(jwk);
    if (!parsed.success) throw unauthenticated("the proof carries no P-256 key");
    const { key, thumbprint } = importKey(parsed.data);
    verifySignature(proof, key);
    const { numInsertedOrUpdatedRows } = await this.#platform.database
      .insertInto("used_identifiers")
      .values({ identifier: `${thumbprint}:${jti}`, expires_at: usableUntil(iat) })
      .onConflict((conflict) => conflict.column("identifier").doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw new ApiProblem("PROOF_REPLAYED");
    return { keyThumbprint: thumbprint, device: undefined };
  }
}

/** When a proof is refused for its age anyway. */
function usableUntil(iat: number): Date {
  return new Date((iat + deviceProofMaxAge + 1) * 1000);
}

function parseProof(header: string | undefined): DecodedJws {
  if (!header) throw unauthenticated(`${deviceProofHeader} is missing`);
  try {
    const proof = decodeJws(header);
    if (proof.header.typ !== deviceProofType) throw unauthenticated("not a device proof");
    return proof;
  } catch (cause) {
    if (cause instanceof ProtocolError) throw unauthenticated(cause.message);
    throw cause;
  }
}

function importKey(jwk: EcJwk): ImportedKey {
  try {
    return { key: createPublicKey({ key: jwk, format: "jwk" }), thumbprint: keyThumbprint(jwk) };
  } catch {
    throw unauthenticated("the key is not on the curve");
  }
}

function verifySignature({ signingInput, signature }: DecodedJws, key: KeyObject): void {
  if (signature.length !== 64 || !verify("sha256", signingInput, { key, dsaEncoding: "ieee-p1363" }, signature)) {
    throw unauthenticated("the proof's signature does not hold");
  }
}

function unauthenticated(detail: string): ApiProblem {
  return new ApiProblem("UNAUTHENTICATED", { detail });
}
