import { z } from "zod";
import { birth, death } from "./events/birth-and-death.ts";
import { findCard, issueCard, loseCard, myNumberChange, newCard, resetPins, returnCard, theft } from "./events/card.ts";
import { reissueCertificates, reissueSignature, renew, revoke } from "./events/certificates.ts";
import { correction, recordError } from "./events/correction.ts";
import type { LifeEventDefinition } from "./events/life-event.ts";
import { move, moveAbroad, returnFromAbroad } from "./events/move.ts";
import { marriage, nameChange } from "./events/name.ts";
import { changePhone, getPhone, losePhone } from "./events/phone.ts";

/** What can happen to a resident: interface, command line, forms and documentation are made of this table. */
export const lifeEvents: readonly LifeEventDefinition[] = [
  move,
  moveAbroad,
  returnFromAbroad,
  marriage,
  nameChange,
  correction,
  birth,
  death,
  reissueSignature,
  renew,
  reissueCertificates,
  recordError,
  revoke,
  issueCard,
  newCard,
  loseCard,
  findCard,
  theft,
  returnCard,
  myNumberChange,
  resetPins,
  getPhone,
  changePhone,
  losePhone,
];

/** An event as the interface takes it: its type, what is said of it, and when it happens if not now. */
export type LifeEvent = { type: string; at?: string | undefined; [field: string]: string | undefined };

export const LifeEvent: z.ZodType<LifeEvent> = z.discriminatedUnion(
  "type",
  lifeEvents.map(schemaOf) as [ReturnType<typeof schemaOf>],
) as unknown as z.ZodType<LifeEvent>;

/** Throws a TypeError for a type that is not in the table. */
export function definitionOf(type: string): LifeEventDefinition {
  const found = lifeEvents.find((event) => event.type === type);
  if (!found) throw new TypeError(`there is no event ${type}`);
  return found;
}

function schemaOf({ type, fields }: LifeEventDefinition) {
  const shapes = Object.entries(fields).map(([name, { schema }]) => [name, schema]);
  return z.strictObject({
    type: z.literal(type),
    at: z.string().max(40).optional(),
    ...(Object.fromEntries(shapes) as Record<string, z.ZodType>),
  });
}
