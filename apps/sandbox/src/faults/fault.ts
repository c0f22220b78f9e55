import { z } from "zod";

/** Without a count, until it is cleared; without an end, too. */
const lasting = {
  /** How often it still happens. */
  count: z.int().min(1).max(1_000_000).optional(),
  /** Seconds from now. */
  expiresInSeconds: z.int().min(1).max(31_536_000).optional(),
};
/** A verifier by its id at J-LIS; without it, everyone. */
const atVerifier = { verifier: z.string().min(1).max(128).optional(), ...lasting };
/** A resident whose card it happens to; without it, everyone's. */
const atCard = { person: z.string().min(1).max(128).optional(), ...lasting };
const delay = (otherwise: number) => z.number().min(0.01).max(300).default(otherwise);

/** What can go wrong on demand, for whom, how often and until when. */
export const FaultRequest = z.discriminatedUnion("kind", [
  /** J-LIS answers nothing but 503. */
  z.strictObject({ kind: z.literal("jlis-down"), ...atVerifier }),
  /** J-LIS begins so many seconds later. */
  z.strictObject({ kind: z.literal("jlis-slow"), seconds: delay(2), ...atVerifier }),
  /** J-LIS does at once what is asked, and answers so many seconds later: after the caller has given up. */
  z.strictObject({ kind: z.literal("jlis-late"), seconds: delay(10), ...atVerifier }),
  /** The revocation list is the one of two days ago, and ended yesterday. */
  z.strictObject({ kind: z.literal("crl-stale"), ...atVerifier }),
  z.strictObject({ kind: z.literal("ocsp-down"), ...atVerifier }),
  z.strictObject({ kind: z.literal("ocsp-wrong-signature"), ...atVerifier }),
  /** The clocks of J-LIS, OCSP responder and revocation list go so many seconds fast, or slow below zero. */
  z.strictObject({
    kind: z.literal("clock-skew"),
    seconds: z.int().min(-86_400).max(86_400).default(3600),
    ...atVerifier,
  }),
  /** The card leaves the reader at the n-th command of a session, which it may have carried out before. */
  z.strictObject({
    kind: z.literal("card-torn"),
    apdu: z.int().min(1).max(10_000),
    /** Whether the card carries that command out, so that only its answer is lost. */
    carriedOut: z.boolean().default(false),
    ...atCard,
  }),
]);
export type FaultRequest = z.infer<typeof FaultRequest>;
export type FaultKind = FaultRequest["kind"];
export const faultKinds = FaultRequest.options.map(({ shape }) => shape.kind.value);

type Switched<T> = T extends FaultRequest
  ? Omit<T, "expiresInSeconds"> & {
      setAt: Date;
      expiresAt: Date | undefined;
    }
  : never;
/** A fault that is switched on; `count` is how often it still happens. */
export type Fault = Switched<FaultRequest>;
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;

/** Whom something happens to. Neither: somebody who doesn't say who they are. */
export type Whom = { verifier?: string | undefined; person?: string | undefined };
