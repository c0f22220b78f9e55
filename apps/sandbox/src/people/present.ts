import { triesLeft } from "@xid/card/virtual";
import { serialHex } from "../ca/certificate.ts";
import { type Kind, kinds } from "../ca/kind.ts";
import { certificateOnCard, certificatesOfPerson, type IssuedCertificate } from "../store/certificates.ts";
import { type Pins, type Resident, readCard } from "../store/people.ts";
import type { World } from "../world.ts";

/** A certificate as the city office and the interface show it; times in ISO 8601. */
export type PresentedCertificate = {
  kind: Kind;
  serial: string;
  notBefore: string;
  notAfter: string;
  status: "good" | "revoked" | "expired";
  reason?: string;
};

/** A resident as the interface shows them: without the My Number. */
export type Person = {
  id: string;
  persona: string;
  name: string;
  birthdate: string;
  gender: "male" | "female" | "unknown";
  address: string;
  pins: Pins;
  card: { triesLeft: Record<keyof Pins, number>; certificates: PresentedCertificate[] };
};

export function presentPerson(world: World, resident: Resident): Person {
  const { id, persona, name, birthdate, gender, address, pins } = resident;
  const card = readCard(world.database, id);
  const certificates = certificatesOfPerson(world.database, id);
  const now = world.clock();
  return {
    ...{ id, persona, name, birthdate, gender, address, pins },
    card: {
      triesLeft: {
        signature: triesLeft(card, "signature"),
        authentication: triesLeft(card, "authentication"),
        text: triesLeft(card, "text"),
      },
      certificates: kinds.flatMap((kind) => {
        const onCard = certificateOnCard(certificates, kind);
        return onCard ? [presentCertificate(onCard, now)] : [];
      }),
    },
  };
}

/** Revoked comes before expired: it is the stronger word. */
export function presentCertificate(certificate: IssuedCertificate, now: Date): PresentedCertificate {
  const { kind, serial, notBefore, notAfter, revocation } = certificate;
  return {
    kind,
    serial: serialHex(serial),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    ...(revocation
      ? { status: "revoked", reason: revocation.reason }
      : { status: notAfter < now ? "expired" : "good" }),
  };
}
