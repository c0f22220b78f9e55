import { z } from "zod";
import { SandboxError } from "../../error.ts";
import { cast } from "../cast.ts";
import { fullWidth } from "../full-width.ts";
import { parseName } from "../parse-name.ts";
import { defineEvent, type Situation } from "./life-event.ts";
import { live, requireAge, requireAlive } from "./preconditions.ts";

const marriageAge = 18;
const optionalText = z.string().max(120).optional();

/** 婚姻: a new family name, in the register and from the next signature certificate on. */
export const marriage = defineEvent({
  type: "marriage",
  ja: "婚姻による改姓",
  en: "Marriage with a new family name",
  about: {
    ja: "氏が変わり、署名用電子証明書が失効します。",
    en: "The family name changes and the signature certificate is revoked.",
  },
  fields: {
    familyName: {
      ja: "新しい氏",
      en: "New family name",
      hint: { ja: "空欄なら自動で決まります。", en: "Left empty, one is chosen." },
      schema: optionalText,
      option: "family-name",
    },
    familyKana: { ja: "氏のフリガナ", en: "Its reading", schema: optionalText, option: "family-kana" },
  },
  decide(situation, { familyName, familyKana }) {
    requireAlive(situation);
    requireAge(situation, marriageAge);
    const { name, kana } = situation.resident;
    const family =
      familyName === undefined
        ? otherFamily(situation)
        : { name: parseName(familyName), kana: fullWidth(familyKana ?? "") };
    return renamed(situation, {
      name: withFamily(name, family.name),
      kana: family.kana && withFamily(kana, family.kana),
    });
  },
});

/** 改氏・改名, 離婚, 帰化 …: whatever else changes a name. */
export const nameChange = defineEvent({
  type: "name-change",
  ja: "氏名の変更",
  en: "Change of name",
  about: {
    ja: "離婚・改名などで氏名が変わり、署名用電子証明書が失効します。",
    en: "After a divorce, a new given name or the like. The signature certificate is revoked.",
  },
  fields: {
    name: { ja: "新しい氏名", en: "New name", schema: z.string().max(120) },
    kana: { ja: "フリガナ", en: "Its reading", schema: optionalText },
  },
  decide(situation, { name, kana }) {
    requireAlive(situation);
    return renamed(situation, { name: parseName(name), kana: fullWidth(kana ?? "") });
  },
});

/** Without a new reading, the old one stays. */
function renamed(situation: Situation, { name, kana }: { name: string; kana: string }) {
  if (name === situation.resident.name) throw new SandboxError("NOTHING_CHANGES", "that is the present name");
  return {
    register: { name, ...(kana === "" ? {} : { kana }) },
    revoke: { certificates: live(situation, { kinds: ["signature"] }), reason: "affiliationChanged" as const },
    told: ["family-register"] as const,
  };
}

function otherFamily({ resident, random }: Situation): { name: string; kana: string } {
  const [present] = resident.name.split("　");
  const others = cast.filter(({ name }) => name.split("　")[0] !== present);
  const chosen = others[random(others.length)]!;
  return { name: chosen.name.split("　")[0]!, kana: chosen.kana.split("　")[0]! };
}

function withFamily(whole: string, family: string): string {
  return [family, ...whole.split("　").slice(1)].join("　");
}
