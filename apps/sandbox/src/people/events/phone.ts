import { z } from "zod";
import { kinds } from "../../ca/kind.ts";
import { SandboxError } from "../../error.ts";
import { phoneModels } from "../../store/people.ts";
import { defineEvent, type Field } from "./life-event.ts";
import { live, requireAlive, requirePhone, requireSigningCard } from "./preconditions.ts";

const model = {
  ja: "機種",
  en: "Phone",
  schema: z.enum(phoneModels).optional(),
  choices: { android: { ja: "Android", en: "Android" }, iphone: { ja: "iPhone", en: "iPhone" } },
} satisfies Field;

/** スマホ用電子証明書の発行: applied for with the card's signature; own keys, own serial numbers. */
export const getPhone = defineEvent({
  type: "get-phone",
  ja: "スマホ用電子証明書の発行",
  en: "Get certificates on a phone",
  about: {
    ja: "カードの署名用電子証明書で申請し、スマートフォンに別の電子証明書を2つ発行します。",
    en: "Applied for with the card's signature certificate: two certificates of their own on a phone.",
  },
  fields: { model },
  decide(situation, input) {
    requireSigningCard(situation);
    if (live(situation, { media: ["phone"] }).length > 0) {
      throw new SandboxError("PHONE_PRESENT", "there are valid certificates on a phone: change phones");
    }
    return { phone: input.model ?? "android", issue: { medium: "phone", kinds } };
  },
});

/** 機種変更: those of the old phone are revoked. */
export const changePhone = defineEvent({
  type: "change-phone",
  ja: "スマートフォンの機種変更",
  en: "Change phones",
  about: {
    ja: "古いスマートフォンの電子証明書を失効させ、新しいスマートフォンに発行します。",
    en: "The old phone's certificates are revoked, and new ones issued on the new phone.",
  },
  fields: { model },
  decide(situation, input) {
    requirePhone(situation);
    requireSigningCard(situation);
    return {
      revoke: { certificates: live(situation, { media: ["phone"] }), reason: "cessationOfOperation" },
      phone: input.model ?? situation.resident.phone ?? "android",
      issue: { medium: "phone", kinds },
    };
  },
});

/** 紛失: only what is on the phone is put on hold. */
export const losePhone = defineEvent({
  type: "lose-phone",
  ja: "スマートフォンの紛失",
  en: "Lose the phone",
  about: {
    ja: "スマホ用電子証明書を一時停止します。カードの電子証明書はそのまま使えます。",
    en: "The phone's certificates are put on hold. Those of the card stay valid.",
  },
  fields: {},
  decide(situation) {
    requireAlive(situation);
    requirePhone(situation);
    const certificates = live(situation, { media: ["phone"] });
    if (certificates.length === 0)
      throw new SandboxError("NOTHING_TO_REVOKE", "there is no valid certificate to revoke");
    return { revoke: { certificates, reason: "certificateHold" }, told: ["call-centre"] };
  },
});
