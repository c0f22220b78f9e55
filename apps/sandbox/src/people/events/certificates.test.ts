import { expect, test } from "vitest";
import { endOfDay, startOfDay } from "../../calendar.ts";
import type { IssuedCertificate } from "../../store/certificates.ts";
import type { Resident } from "../../store/people.ts";
import { reissueSignature, renew } from "./certificates.ts";
import type { Situation } from "./life-event.ts";

/** Someone whose card and certificates end on 5 March 2030, on a day. */
function situation(today: string, { birthdate = "1988-03-05", ...resident }: Partial<Resident> = {}): Situation {
  const certificate = (kind: IssuedCertificate["kind"], serial: number): IssuedCertificate => ({
    ...{
      kind,
      serial,
      generation: 3,
      personId: "hanako",
      medium: "card",
      municipality: "13221",
      der: new Uint8Array(),
    },
    ...{ notBefore: startOfDay("2025-04-01"), notAfter: endOfDay("2030-03-05"), revocation: undefined, held: true },
  });
  return {
    resident: {
      ...{ id: "hanako", persona: "default", name: "山田　花子", kana: "ヤマダ　ハナコ", gender: "female" },
      ...{ address: "東京都清瀬市中里１丁目", standing: "resident", card: "valid", cardNumber: 1, phone: null },
      pins: { signature: "HANAKO1234", authentication: "1234", text: "1234" },
      createdAt: startOfDay("2025-04-01"),
      birthdate,
      ...resident,
    },
    certificates: [certificate("signature", 1), certificate("authentication", 2)],
    cardExpiry: "2035-03-05",
    at: startOfDay(today),
    today,
    random: () => 0,
  };
}

const reasonOf = (work: () => unknown) => {
  try {
    work();
    return "possible";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test.each<[string, string, Partial<Resident>]>([
  ["2029-12-04", "TOO_EARLY", {}],
  ["2029-12-05", "possible", {}],
  ["2030-03-05", "possible", {}],
  ["2030-03-06", "possible", {}],
  ["2029-03-04", "TOO_EARLY", { standing: "abroad" }],
  ["2029-03-05", "possible", { standing: "abroad" }],
  ["2035-03-05", "possible", {}],
  ["2035-03-06", "CARD_EXPIRED", {}],
  ["2030-01-10", "RESIDENT_DECEASED", { standing: "deceased" }],
  ["2030-01-10", "CARD_SUSPENDED", { card: "suspended" }],
])("certificates that end on 2030-03-05: a renewal on %s is %s", (today, outcome, resident) => {
  expect(reasonOf(() => renew.decide(situation(today, resident), {}))).toBe(outcome);
});

test.each([
  ["2025-05-05", "UNDER_SIGNATURE_AGE"],
  ["2025-05-06", "possible"],
])("for someone born on 2010-05-06, a signature certificate on %s is %s", (today, outcome) => {
  expect(reasonOf(() => reissueSignature.decide(situation(today, { birthdate: "2010-05-06" }), {}))).toBe(outcome);
});

test("a decision changes nothing of what it looks at", () => {
  const before = situation("2030-01-10");
  const copy = structuredClone({ ...before, random: undefined });
  const consequences = renew.decide(before, {});
  expect({ ...before, random: undefined }).toEqual(copy);
  expect(consequences.revoke?.certificates.map(({ serial }) => serial)).toEqual([1, 2]);
  expect(consequences).toMatchObject({
    revoke: { reason: "superseded" },
    issue: { medium: "card", kinds: ["signature", "authentication"] },
  });
});
