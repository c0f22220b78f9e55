import { z } from "zod";
import { SandboxError } from "../../error.ts";
import { addressAbroad, municipalities, municipalityOf, parseAddress, sampleAddress } from "../municipalities.ts";
import { defineEvent, type Situation, type Told } from "./life-event.ts";
import { live, requireAlive, requireInJapan } from "./preconditions.ts";

const address = {
  ja: "新しい住所",
  en: "New address",
  hint: {
    ja: "「高松市」のように市区町村名だけでもかまいません。空欄なら自動で決まります。",
    en: "The name of a municipality in Japanese is enough. Left empty, one is chosen.",
  },
  schema: z.string().max(400).optional(),
  option: "to",
  input: "address",
} as const;

/** 転居・転入: the signature certificate names the old address, so it ends; the authentication certificate stays. */
export const move = defineEvent({
  type: "move",
  ja: "引っ越し（転入・転居）",
  en: "Move house",
  about: {
    ja: "住所が変わり、署名用電子証明書が失効します。利用者証明用はそのまま使えます。",
    en: "The address changes and the signature certificate is revoked. The authentication certificate stays valid.",
  },
  fields: { address },
  decide(situation, input) {
    requireInJapan(situation);
    const { resident } = situation;
    const next = newAddress(situation, input.address);
    if (next === resident.address) throw new SandboxError("SAME_ADDRESS", "the resident lives there already");
    const leaves = municipalityOf(next).code !== municipalityOf(resident.address).code;
    return { ...moved(situation, next), told: leaves ? ["former-city-office"] : [] };
  },
});

/** 国外転出: who keeps the card keeps the authentication certificate, too; else card and certificates end. */
export const moveAbroad = defineEvent({
  type: "move-abroad",
  ja: "国外への転出",
  en: "Move abroad",
  about: {
    ja: "署名用電子証明書が失効します。継続利用の手続をすれば、カードと利用者証明用は使い続けられます。",
    en: "The signature certificate is revoked. Card and authentication certificate go on if continued use is asked for.",
  },
  fields: {
    card: {
      ja: "カード",
      en: "The card",
      schema: z.enum(["keep", "return"]).optional(),
      choices: { keep: { ja: "継続利用する", en: "Keep using it" }, return: { ja: "返納する", en: "Return it" } },
    },
  },
  decide(situation, input) {
    requireInJapan(situation);
    const next = addressAbroad(situation.resident.address);
    const keeps = input.card !== "return" && situation.resident.card === "valid";
    const told: Told[] = ["former-city-office", "family-register"];
    if (keeps) return { ...moved(situation, next), register: { address: next, standing: "abroad" }, told };
    return {
      register: { address: next, standing: "abroad" },
      revoke: { certificates: live(situation), reason: "cessationOfOperation" },
      ...(situation.resident.card === "none" ? {} : { card: "void" }),
      told,
    };
  },
});

/** 国外からの転入. */
export const returnFromAbroad = defineEvent({
  type: "return",
  ja: "国外からの転入",
  en: "Return from abroad",
  about: {
    ja: "国内の住所に戻ります。国外で発行された署名用電子証明書は失効します。",
    en: "Back to an address in Japan. A signature certificate that was issued abroad is revoked.",
  },
  fields: { address },
  decide(situation, input) {
    requireAlive(situation);
    if (situation.resident.standing !== "abroad") throw new SandboxError("NOT_ABROAD", "the resident lives in Japan");
    const next = newAddress(situation, input.address);
    return { ...moved(situation, next), register: { address: next, standing: "resident" }, told: ["family-register"] };
  },
});

function moved(situation: Situation, address: string) {
  const certificates = live(situation, { kinds: ["signature"] });
  return { register: { address }, revoke: { certificates, reason: "affiliationChanged" as const } };
}

function newAddress({ resident, random }: Situation, text: string | undefined): string {
  if (text !== undefined) return parseAddress(text, random);
  const elsewhere = municipalities.filter(({ prefecture, name }) => !resident.address.startsWith(prefecture + name));
  return sampleAddress(elsewhere[random(elsewhere.length)]!, random);
}
