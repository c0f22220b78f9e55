import { z } from "zod";
import { cast } from "../cast.ts";
import { fullWidth } from "../full-width.ts";
import { parseName } from "../parse-name.ts";
import { gender } from "./gender.ts";
import { defineEvent } from "./life-event.ts";
import { live, requireAge, requireAlive, requireInJapan } from "./preconditions.ts";

const parentAge = 15;
const optionalText = z.string().max(60).optional();

/** 出生: a child of this person enters the register, with a My Number and without a card. */
export const birth = defineEvent({
  type: "birth",
  ja: "子の出生",
  en: "Birth of a child",
  about: {
    ja: "子が同じ住所に登録されます。個人番号がつき、カードは交付を申請するまでありません。",
    en: "A child is registered at the same address, with a My Number. There is no card until one is issued.",
  },
  fields: {
    name: {
      ja: "子の名",
      en: "Given name of the child",
      hint: { ja: "空欄なら自動で決まります。", en: "Left empty, one is chosen." },
      schema: optionalText,
    },
    kana: { ja: "名のフリガナ", en: "Its reading", schema: optionalText },
    gender,
  },
  decide(situation, input) {
    requireInJapan(situation);
    requireAge(situation, parentAge);
    const { resident, today, random } = situation;
    const like = cast[random(cast.length)]!;
    const given = input.name === undefined ? like.name.split("　")[1]! : parseName(input.name);
    const reading = input.name === undefined ? like.kana.split("　")[1]! : fullWidth(input.kana ?? "");
    const [family = ""] = resident.name.split("　");
    const [familyKana = ""] = resident.kana.split("　");
    return {
      child: {
        name: `${family}　${given}`,
        kana: [familyKana, reading].filter(Boolean).join("　"),
        birthdate: today,
        gender: input.gender ?? like.gender,
        address: resident.address,
        standing: "resident",
      },
      told: ["city-office", "resident-network", "family-register"],
    };
  },
});

/** 死亡: register, card and all certificates end. */
export const death = defineEvent({
  type: "death",
  ja: "死亡",
  en: "Death",
  about: {
    ja: "住民票が消除され、カードと電子証明書がすべて失効します。",
    en: "The register entry is closed, and the card and all certificates end.",
  },
  fields: {},
  decide(situation) {
    requireAlive(situation);
    return {
      register: { standing: "deceased" },
      revoke: { certificates: live(situation), reason: "cessationOfOperation" },
      ...(situation.resident.card === "none" ? {} : { card: "void" }),
      told: ["family-register"],
    };
  },
});
