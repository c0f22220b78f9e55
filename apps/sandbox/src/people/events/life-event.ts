import type { PinName } from "@xid/card/virtual";
import type { z } from "zod";
import type { Kind, Reason } from "../../ca/kind.ts";
import type { Medium } from "../../ca/medium.ts";
import type { Day } from "../../calendar.ts";
import type { IssuedCertificate } from "../../store/certificates.ts";
import type { CardStanding, PhoneModel, Register, Resident } from "../../store/people.ts";

export type Words = { ja: string; en: string };

/** Everything that an event looks at. Nothing of it is changed. */
export type Situation = {
  resident: Resident;
  /** All that the person ever had, in the order of issue. */
  certificates: readonly IssuedCertificate[];
  /** The last day of the present card; undefined without a card. */
  cardExpiry: Day | undefined;
  at: Date;
  /** The day of `at` in Japan. */
  today: Day;
  /** An integer below its argument. */
  random: (below: number) => number;
};

/** Offices that hear of an event besides those that its other consequences name by themselves. */
export type Told =
  | "city-office"
  | "former-city-office"
  | "resident-network"
  | "signature-authority"
  | "authentication-authority"
  | "call-centre"
  | "police"
  | "family-register";

/** What an event makes of a person. What is absent stays as it is. */
export type Consequences = {
  /** What the register says from then on. */
  register?: Partial<Register>;
  revoke?: { certificates: readonly IssuedCertificate[]; reason: Reason };
  /** New keys and certificates, from the register as it is then. */
  issue?: { medium: Medium; kinds: readonly Kind[] };
  /** A whole new card around the certificates that are issued for it. */
  newCard?: "card" | "next-draft";
  card?: CardStanding;
  /** The phone around the certificates that are issued for it. */
  phone?: PhoneModel;
  /** Passwords that are set anew, with all tries. */
  pins?: Partial<Record<Exclude<PinName, "residentRegister">, string>>;
  newMyNumber?: true;
  /** A child who enters the register, without a card. */
  child?: Register;
  told?: readonly Told[];
};

/** One thing that is said of an event. Values are text, as forms and command lines give them. */
export type Field = Words & {
  schema: z.ZodType<string | undefined>;
  hint?: Words;
  /** The choices, with their words, where there are few. */
  choices?: Record<string, Words>;
  /** Name of the command line's option where it is not the field's. */
  option?: string;
  input?: "address" | "date";
  /** Not shown again once the event has happened. */
  secret?: true;
};

/** Something that can happen to a resident. */
export type LifeEventDefinition = Words & {
  type: string;
  about: Words;
  fields: Record<string, Field>;
  /** Throws `SandboxError` with the reason when it can't happen to this person now. */
  decide(situation: Situation, input: Record<string, string | undefined>): Consequences;
};

type Input<Fields extends Record<string, Field>> = { [Name in keyof Fields]: z.output<Fields[Name]["schema"]> };

/** Lets TypeScript infer the input of `decide` from the fields. */
export function defineEvent<const Type extends string, Fields extends Record<string, Field>>(
  event: Omit<LifeEventDefinition, "type" | "fields" | "decide"> & {
    type: Type;
    fields: Fields;
    decide(situation: Situation, input: Input<Fields>): Consequences;
  },
): LifeEventDefinition & { type: Type } {
  return event as unknown as LifeEventDefinition & { type: Type };
}
