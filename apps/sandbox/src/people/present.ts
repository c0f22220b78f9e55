import { type CardState, triesLeft } from "@xid/card/virtual";
import { serialHex } from "../ca/certificate.ts";
import { type Kind, kinds } from "../ca/kind.ts";
import {
  certificateOnCard,
  certificateOnPhone,
  certificatesOfPerson,
  type IssuedCertificate,
} from "../store/certificates.ts";
import { lifeEventsOf } from "../store/life-events.ts";
import {
  type CardStanding,
  type PhoneModel,
  type Pins,
  type Resident,
  readCard,
  readPhone,
  type Standing,
} from "../store/people.ts";
import type { World } from "../world.ts";
import { expiryOf } from "./happen.ts";

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
  kana: string;
  birthdate: string;
  gender: "male" | "female" | "unknown";
  address: string;
  standing: Standing;
  pins: Pins;
  /** Without a card, no tries and no certificates. */
  card: {
    standing: CardStanding;
    /** The last day. */
    expiry: string | null;
    triesLeft: Record<keyof Pins, number>;
    certificates: PresentedCertificate[];
  };
  phone: {
    model: PhoneModel;
    triesLeft: Record<"signature" | "authentication", number>;
    certificates: PresentedCertificate[];
  } | null;
  /** Events that the clock will make happen. */
  planned: { id: number; at: string; type: string }[];
};

export function presentPerson(world: World, resident: Resident): Person {
  const { id, persona, name, kana, birthdate, gender, address, standing, pins } = resident;
  const planned = lifeEventsOf(world.database, id).filter(({ state }) => state === "pending");
  return {
    ...{ id, persona, name, kana, birthdate, gender, address, standing, pins },
    ...presentMedia(world, resident),
    planned: planned.map((event) => ({ id: event.id, at: event.at.toISOString(), type: event.type })),
  };
}

function presentMedia({ database, clock }: World, { id, card, phone }: Resident): Pick<Person, "card" | "phone"> {
  const certificates = certificatesOfPerson(database, id);
  const now = clock();
  const held = (find: typeof certificateOnCard) =>
    kinds.flatMap((kind) => {
      const certificate = find(certificates, kind);
      return certificate ? [presentCertificate(certificate, now)] : [];
    });
  const none = { signature: 0, authentication: 0, text: 0 };
  const onCard = { standing: card, expiry: null, triesLeft: none, certificates: held(certificateOnCard) };
  return {
    card:
      card === "none"
        ? onCard
        : { ...onCard, expiry: expiryOf(database, id), triesLeft: triesOf(readCard(database, id)) },
    phone: phone && {
      model: phone,
      triesLeft: phoneTriesOf(readPhone(database, id)),
      certificates: held(certificateOnPhone),
    },
  };
}

function phoneTriesOf(phone: CardState): Record<"signature" | "authentication", number> {
  return { signature: triesLeft(phone, "signature"), authentication: triesLeft(phone, "authentication") };
}

function triesOf(card: CardState): Record<keyof Pins, number> {
  // The draft of the next card has no such PIN.
  return { ...phoneTriesOf(card), text: card.model === "card" ? triesLeft(card, "text") : 0 };
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
