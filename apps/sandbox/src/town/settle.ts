import { createCard } from "@xid/card/virtual";
import type { MiddlewareHandler } from "hono";
import type { Authority } from "../ca/authority.ts";
import { type KeyPair, makeKeyPairs, serialHex } from "../ca/certificate.ts";
import { issueAuthenticationCertificate, issueSignatureCertificate } from "../ca/issue.ts";
import { type CardKeyPairs, cardContents } from "../people/card-issue.ts";
import { makeUniqueMyNumber } from "../people/new-resident.ts";
import { recordCertificate, recordRevocation } from "../store/certificates.ts";
import { transaction } from "../store/database.ts";
import { recordHappened } from "../store/life-events.ts";
import { isTaken, type NewResident, recordResident } from "../store/people.ts";
import { findTown } from "../store/town.ts";
import type { World } from "../world.ts";
import { series } from "./chance.ts";
import { townResidentNumber } from "./resident-id.ts";
import type { Town, TownCertificate } from "./town.ts";

/**
 * Makes a resident of the town into one like all others: keys, certificates and a card, as the town's past has them. Nothing
 * happens to those who are it already, nor for ids of nobody. Keys of former certificates are made and thrown away.
 */
export async function settle(world: World, id: string): Promise<void> {
  const { database } = world;
  const town = findTown(database);
  const number = town && townResidentNumber(town, id);
  if (!town || number === undefined || isTaken(database, "id", id)) return;
  const certificates = town.certificatesOf(number);
  const keys = await makeKeyPairs(certificates.filter(({ held }) => held).length + 1);
  transaction(database, () => {
    if (!isTaken(database, "id", id)) record(world, town, number, id, certificates, keys);
  });
}

/** Before a resident is looked at or spoken to: the first time, their keys are made. */
export function settleOnFirstUse(world: World): MiddlewareHandler {
  return async (context, next) => {
    await settle(world, context.req.param("id") ?? "");
    await next();
  };
}

function record(
  world: World,
  town: Town,
  number: number,
  id: string,
  certificates: TownCertificate[],
  keys: KeyPair[],
): void {
  const random = series(town.plan.seed, number, 80);
  const issued = certificates.map((certificate) => {
    const key = certificate.held ? keys.shift()! : keys.at(-1)!;
    const authority = world.authorities.issuing(certificate.kind, certificate.notBefore);
    return { certificate, key, authority, der: issue(world, authority, certificate, key, random) };
  });
  const held: CardKeyPairs = {};
  for (const { certificate, key, authority, der } of issued) {
    const { privateKey } = key;
    if (certificate.held) held[certificate.kind] = { certificate: der, privateKey, authority: authority.certificate };
  }
  const digits = () => String(random(10_000)).padStart(4, "0");
  const cards = certificates.filter(({ kind }) => kind === "authentication");
  const resident: NewResident = {
    ...town.resident(number),
    id,
    persona: "default",
    pins: { signature: `XID${digits()}`, authentication: digits(), text: digits() },
    cardNumber: 1,
    createdAt: world.clock(),
    myNumber: makeUniqueMyNumber({ ...world, random }),
  };
  const at = cards.at(-1)!.notBefore;
  recordResident(world.database, resident, createCard(cardContents({ ...world, random }, resident, held, at)));
  for (const { certificate, der } of issued) {
    const { kind, serial, generation, municipality, notBefore, notAfter, revocation } = certificate;
    const where = { personId: id, medium: "card", municipality } as const;
    recordCertificate(world.database, { kind, serial, generation, ...where, der, notBefore, notAfter });
    if (revocation) recordRevocation(world.database, kind, serial, revocation);
  }
  const issuedFirst = certificates[0]!.notBefore;
  const first = certificates.filter(({ notBefore }) => notBefore.getTime() === issuedFirst.getTime());
  recordHappened(world.database, id, {
    at: issuedFirst,
    type: "card-issue",
    input: {},
    outcome: {
      changes: { card: { from: "none", to: "valid" } },
      revoked: [],
      issued: first.map(({ kind, serial, notAfter }) => ({
        ...{ kind, medium: "card" as const, serial: serialHex(serial) },
        ...{ notAfter: notAfter.toISOString(), replaces: null },
      })),
      pins: [],
      told: first.map(({ kind }) => `${kind}-authority`),
    },
  });
}

function issue(
  { sandboxUrl }: World,
  authority: Authority,
  { kind, serial, notBefore, notAfter, attributes }: TownCertificate,
  { publicKey }: KeyPair,
  random: World["random"],
): Uint8Array {
  const contents = { serial, publicKey, notBefore, notAfter, attributes, medium: "card", random } as const;
  return kind === "signature"
    ? issueSignatureCertificate(authority, contents)
    : issueAuthenticationCertificate(authority, contents, `${sandboxUrl}/jpki/ocsp/authentication`);
}
