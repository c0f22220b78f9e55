import { z } from "zod";
import type { BilingualText } from "./messages.ts";
import { shownLine } from "./shown-line.ts";

const bilingualLine = (max: number) => z.strictObject({ ja: shownLine(max), en: shownLine(max) });
const calendarDate = z.iso.date();

const yen = z.int().min(0).max(999_999_999_999);

/**
 * What stands above the document, in one of five fixed layouts: what it is, who gets it, and the facts that a person
 * looks for. The platform gives the words around them.
 */
export const SignatureLayout = z.discriminatedUnion("layout", [
  /** 申請・申込 */
  z.strictObject({
    layout: z.literal("application"),
    title: bilingualLine(80),
    recipient: bilingualLine(80),
    summary: bilingualLine(300).optional(),
  }),
  /** 契約 */
  z.strictObject({
    layout: z.literal("contract"),
    title: bilingualLine(80),
    counterparty: bilingualLine(80),
    /** In yen. */
    amount: yen.optional(),
    from: calendarDate.optional(),
    until: calendarDate.optional(),
  }),
  /** 振込・振替 */
  z.strictObject({
    layout: z.literal("transfer"),
    payee: bilingualLine(80),
    /** Bank, branch, kind and number. */
    account: bilingualLine(120),
    /** In yen. */
    amount: yen,
    fee: yen.optional(),
    on: calendarDate.optional(),
  }),
  /** 同意 */
  z.strictObject({
    layout: z.literal("consent"),
    title: bilingualLine(80),
    /** Who may then do it. */
    recipient: bilingualLine(80),
    summary: bilingualLine(300),
    until: calendarDate.optional(),
  }),
  /** 口座開設 */
  z.strictObject({
    layout: z.literal("account_opening"),
    institution: bilingualLine(80),
    branch: bilingualLine(80).optional(),
    account: z.enum(["ordinary", "current", "savings", "securities"]),
  }),
]);
export type SignatureLayout = z.infer<typeof SignatureLayout>;

/** What stands below the facts of some layouts, always: part of what is shown, and of what is signed. */
export const layoutWarnings: Partial<Record<SignatureLayout["layout"], BilingualText>> = {
  transfer: {
    ja: "振込は取り消せないことがあります。電話などで振込を求められたときは、署名せずに相談してください。",
    en: "A transfer may be impossible to undo. If somebody told you to make it, by telephone for instance, do not sign: ask first.",
  },
};
