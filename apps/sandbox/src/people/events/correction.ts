import { z } from "zod";
import { SandboxError } from "../../error.ts";
import type { Register } from "../../store/people.ts";
import { fullWidth } from "../full-width.ts";
import { parseAddress } from "../municipalities.ts";
import { parseBirthdate } from "../parse-birthdate.ts";
import { parseName } from "../parse-name.ts";
import { gender } from "./gender.ts";
import { defineEvent } from "./life-event.ts";
import { live, requireAlive } from "./preconditions.ts";

const optionalText = z.string().max(400).optional();

/** 職権修正: the register was wrong, and so is the signature certificate. */
export const correction = defineEvent({
  type: "correction",
  ja: "記載の訂正",
  en: "Correction of the register",
  about: {
    ja: "生年月日・性別などの誤りを訂正します。署名用電子証明書が失効します。",
    en: "Birth date, sex or another entry was wrong. The signature certificate is revoked.",
  },
  fields: {
    birthdate: { ja: "生年月日", en: "Birth date", schema: z.string().max(10).optional(), input: "date" },
    gender,
    name: { ja: "氏名", en: "Name", schema: optionalText },
    kana: { ja: "フリガナ", en: "Reading", schema: optionalText },
    address: { ja: "住所", en: "Address", schema: optionalText, input: "address" },
  },
  decide(situation, input) {
    requireAlive(situation);
    const { resident, today, random } = situation;
    const corrected: Partial<Register> = {
      ...(input.birthdate === undefined ? {} : { birthdate: parseBirthdate(input.birthdate, today) }),
      ...(input.gender === undefined ? {} : { gender: input.gender }),
      ...(input.name === undefined ? {} : { name: parseName(input.name) }),
      ...(input.kana === undefined ? {} : { kana: fullWidth(input.kana) }),
      ...(input.address === undefined ? {} : { address: parseAddress(input.address, random) }),
    };
    const changed = Object.entries(corrected).filter(([field, value]) => resident[field as keyof Register] !== value);
    if (changed.length === 0) throw new SandboxError("NOTHING_CHANGES", "nothing is corrected by that");
    // The reading is not in the certificate.
    const certificates = changed.every(([field]) => field === "kana") ? [] : live(situation, { kinds: ["signature"] });
    return { register: Object.fromEntries(changed), revoke: { certificates, reason: "affiliationChanged" } };
  },
});

/** 職権失効: not the register but the certificate was wrong. Which reason the JPKI gives then is not published. */
export const recordError = defineEvent({
  type: "record-error",
  ja: "証明書の記録誤り",
  en: "Certificate recorded wrongly",
  about: {
    ja: "署名用電子証明書の記録に誤りが見つかり、職権で失効させます。",
    en: "The signature certificate holds a mistake and is revoked ex officio.",
  },
  fields: {},
  decide(situation) {
    requireAlive(situation);
    const certificates = live(situation, { kinds: ["signature"] });
    if (certificates.length === 0)
      throw new SandboxError("NOTHING_TO_REVOKE", "there is no valid certificate to revoke");
    return { revoke: { certificates, reason: "affiliationChanged" } };
  },
});
