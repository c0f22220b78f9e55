import { createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  decodeJws,
  type EcJwk,
  type EnrolmentStatement,
  KeyPossessionStatement,
  keyPossessionType,
  ProtocolError,
} from "@xid/protocol";
import { IdentityError } from "./identity-error.ts";
import { keyThumbprint } from "./key-thumbprint.ts";

/** Imports a public key; throws a `TypeError` when it is not a point of P-256. */
export function importDeviceKey(jwk: EcJwk): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch (cause) {
    throw new TypeError("not a P-256 public key", { cause });
  }
}

/**
 * Verifies that the three keys are keys, each for one use only (nothing that one signs can be taken for what another
 * signs), and that the device holds the one for signing: `keyPossession` is a JWS over
 * the challenge by it. The authentication key has proven itself with the call; nothing is known of the agreement key.
 */
export function verifyDeviceKeys(
  keys: EnrolmentStatement["keys"],
  keyPossession: string,
  challenge: string,
): { signing: KeyObject } {
  if (new Set(Object.values(keys).map(keyThumbprint)).size !== Object.keys(keys).length) {
    throw new IdentityError("STATEMENT_MISMATCH", "one key for two uses");
  }
  try {
    importDeviceKey(keys.authentication);
    importDeviceKey(keys.agreement);
    const signing = importDeviceKey(keys.signing);
    const { header, payload, signingInput, signature } = decodeJws(keyPossession);
    const statement = KeyPossessionStatement.safeParse(payload);
    if (header.typ !== keyPossessionType || !statement.success || statement.data.challenge !== challenge) {
      throw new IdentityError("KEY_POSSESSION_INVALID", "not a proof for this enrolment");
    }
    if (!verify("sha256", signingInput, { key: signing, dsaEncoding: "ieee-p1363" }, signature)) {
      throw new IdentityError("KEY_POSSESSION_INVALID");
    }
    return { signing };
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new IdentityError("KEY_POSSESSION_INVALID", cause.message, { cause });
    if (cause instanceof TypeError) throw new IdentityError("STATEMENT_MISMATCH", cause.message, { cause });
    throw cause;
  }
}
