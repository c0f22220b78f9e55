import type { AmlMethod } from "@xid/protocol";

const law = "犯罪による収益の移転防止に関する法律施行規則第6条第1項第1号";

/** Texts of the rule, newest first. From April 2027 on the letters may be others: that is not confirmed. */
const texts: readonly { since: string; letter: string | null }[] = [
  { since: "2027-04-01", letter: null },
  { since: "2025-06-24", letter: "ワ" },
];

/** Verification by a JPKI signature certificate, as the law called it on a day in Japan. Days before what is known count as the oldest text. */
export function amlMethodAt(time: Date): AmlMethod {
  const day = new Date(time.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
  const { since, letter } = texts.find((text) => day >= text.since) ?? texts.at(-1)!;
  return { name: "jpki_signature_certificate", law, lawVersion: since, letter };
}
