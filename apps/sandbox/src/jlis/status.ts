import { parseSerial, serialHex } from "../ca/certificate.ts";
import type { Kind } from "../ca/kind.ts";
import type { Medium } from "../ca/medium.ts";
import { SandboxError } from "../error.ts";
import { certificatesOfPerson, findCertificate, type IssuedCertificate } from "../store/certificates.ts";
import type { Database } from "../store/database.ts";
import { findResident, isTaken } from "../store/people.ts";

export type CertificateName = { kind: Kind; serial: string };
export type Status = CertificateName & {
  status: "good" | "revoked" | "unknown";
  reason?: string;
  revokedAt?: string;
  /** What the register says of the holder, where that is why the certificate ended. */
  holder?: "deceased";
};
type Linked = CertificateName & { medium: Medium };

/** 有効性確認: revocation only. Whether the certificate has expired is written in it. */
export function answerStatus(database: Database, { kind, serial }: CertificateName): Status {
  const certificate = find(database, kind, serial);
  if (!certificate) return { kind, serial: serial.toLowerCase(), status: "unknown" };
  const { revocation, personId } = certificate;
  const deceased = revocation && personId && isTaken(database, "id", personId) && isDeceased(database, personId);
  return {
    ...{ kind, serial: serialHex(certificate.serial), ...statusOf(certificate) },
    ...(deceased && { holder: "deceased" }),
  };
}

export type Links = CertificateName & {
  /** What card and phone hold now. */
  current: (Linked & Pick<Status, "status">)[];
  /** What they held before, newest first. */
  previous: Linked[];
};

/**
 * 新旧・署名用と利用者証明用・カードとスマートフォンの紐付け: every certificate of the person who has, or had, this one.
 * Throws SERIAL_UNKNOWN.
 */
export function answerLinks(database: Database, { kind, serial }: CertificateName): Links {
  const asked = find(database, kind, serial);
  if (!asked?.personId) throw new SandboxError("SERIAL_UNKNOWN", "no resident has ever had this certificate");
  const certificates = certificatesOfPerson(database, asked.personId);
  const name = (certificate: IssuedCertificate): Linked => ({
    kind: certificate.kind,
    medium: certificate.medium ?? "card",
    serial: serialHex(certificate.serial),
  });
  return {
    kind,
    serial: serialHex(asked.serial),
    current: certificates
      .filter(({ held }) => held)
      .map((certificate) => ({ ...name(certificate), status: statusOf(certificate).status })),
    previous: certificates
      .filter(({ held }) => !held)
      .map(name)
      .reverse(),
  };
}

function isDeceased(database: Database, personId: string): boolean {
  return findResident(database, personId).standing === "deceased";
}

function statusOf({ revocation }: IssuedCertificate): Pick<Status, "status" | "reason" | "revokedAt"> {
  if (!revocation) return { status: "good" };
  return { status: "revoked", reason: revocation.reason, revokedAt: revocation.at.toISOString() };
}

function find(database: Database, kind: Kind, hex: string): IssuedCertificate | undefined {
  const serial = parseSerial(hex);
  return serial === undefined ? undefined : findCertificate(database, kind, serial);
}
