import { parseSerial, serialHex } from "../ca/certificate.ts";
import type { Kind } from "../ca/kind.ts";
import { SandboxError } from "../error.ts";
import {
  certificateOnCard,
  certificatesOfPerson,
  findCertificate,
  type IssuedCertificate,
} from "../store/certificates.ts";
import type { World } from "../world.ts";

export type Status = { status: "good" | "revoked" | "unknown"; reason?: string; revokedAt?: string };
type Named = { kind: Kind; serial: string };
type Held = { serial: string; status: Status["status"] };

/** 有効性確認: revocation only. Whether the certificate has expired is written in it. */
export function answerStatus(world: World, kind: Kind, serial: string): Named & Status {
  const certificate = find(world, kind, serial);
  if (!certificate) return { kind, serial: serial.toLowerCase(), status: "unknown" };
  const { revocation } = certificate;
  const named = { kind, serial: serialHex(certificate.serial) };
  if (!revocation) return { ...named, status: "good" };
  return { ...named, status: "revoked", reason: revocation.reason, revokedAt: revocation.at.toISOString() };
}

export type Links = { current: Record<Kind, Held | null>; previous: Named[] };

/** The certificates of the person who has, or had, this one. Throws SERIAL_UNKNOWN. */
export function answerLinks(world: World, kind: Kind, serial: string): Links {
  const personId = find(world, kind, serial)?.personId;
  if (!personId) throw new SandboxError("SERIAL_UNKNOWN", "no resident has ever had this certificate");
  const certificates = certificatesOfPerson(world.database, personId);
  const held = (one: Kind): Held | null => {
    const certificate = certificateOnCard(certificates, one);
    if (!certificate) return null;
    return { serial: serialHex(certificate.serial), status: certificate.revocation ? "revoked" : "good" };
  };
  return {
    current: { signature: held("signature"), authentication: held("authentication") },
    previous: certificates
      .filter(({ held }) => !held)
      .map((certificate) => ({ kind: certificate.kind, serial: serialHex(certificate.serial) })),
  };
}

function find({ database }: World, kind: Kind, hex: string): IssuedCertificate | undefined {
  const serial = parseSerial(hex);
  return serial === undefined ? undefined : findCertificate(database, kind, serial);
}
