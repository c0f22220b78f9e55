import { z } from "zod";
import { SandboxError } from "../../error.ts";
import { defineEvent, type Field } from "./life-event.ts";
import { kindsForNewCard, kindsOnCard, live, requireAlive, requireCard } from "./preconditions.ts";

const model = {
  ja: "カードの種類",
  en: "Kind of card",
  schema: z.enum(["card", "next-draft"]).optional(),
  choices: {
    card: { ja: "今のカード", en: "Today's card" },
    "next-draft": { ja: "次期カード（草案）", en: "The next card (a draft)" },
  },
} satisfies Field;

/** 交付: the first card of someone who has none. */
export const issueCard = defineEvent({
  type: "card-issue",
  ja: "カードの交付",
  en: "Issue the first card",
  about: {
    ja: "カードを持たない住民に、はじめてのカードと電子証明書を交付します。",
    en: "The first card, with its certificates, for a resident who has none.",
  },
  fields: { model },
  decide(situation, input) {
    requireAlive(situation);
    if (situation.resident.card !== "none") throw new SandboxError("CARD_PRESENT", "the resident has had a card");
    return {
      newCard: input.model ?? "card",
      card: "valid",
      issue: { medium: "card", kinds: kindsForNewCard(situation) },
    };
  },
});

/** 再交付: both certificates die with the old card, and those on the phone with them. */
export const newCard = defineEvent({
  type: "new-card",
  ja: "カードの再交付",
  en: "Replace the card",
  about: {
    ja: "紛失・破損・期限切れのカードに代えて、新しいカードと電子証明書を交付します。古いカードの証明書は失効します。",
    en: "For a lost, worn or expired one: a new card with new certificates; those of the old card are revoked.",
  },
  fields: { model },
  decide(situation, input) {
    requireAlive(situation);
    if (situation.resident.card === "none") throw new SandboxError("CARD_ABSENT", "the resident has had no card yet");
    return {
      revoke: { certificates: live(situation), reason: "cessationOfOperation" },
      newCard: input.model ?? "card",
      card: "valid",
      issue: { medium: "card", kinds: kindsForNewCard(situation) },
    };
  },
});

/** 一時停止: the certificates are on hold, which is never released. */
export const loseCard = defineEvent({
  type: "lose-card",
  ja: "カードの紛失（一時停止）",
  en: "Lose the card (suspension)",
  about: {
    ja: "コールセンターに連絡し、カードと電子証明書を一時停止します。証明書の一時停止は解除されません。",
    en: "A call suspends the card and puts the certificates on hold. A hold is never released.",
  },
  fields: {},
  decide(situation) {
    requireCard(situation);
    return {
      revoke: { certificates: live(situation), reason: "certificateHold" },
      card: "suspended",
      told: ["call-centre"],
    };
  },
});

/** 発見: the card is used again, with new certificates. */
export const findCard = defineEvent({
  type: "find-card",
  ja: "紛失したカードの発見",
  en: "Find the lost card",
  about: {
    ja: "カードの一時停止を解除します。停止した証明書は元に戻らないため、新しい証明書を発行します。",
    en: "The card's suspension ends. Certificates on hold stay revoked, so new ones are issued.",
  },
  fields: {},
  decide(situation) {
    requireAlive(situation);
    if (situation.resident.card !== "suspended") throw new SandboxError("CARD_NOT_LOST", "the card is not lost");
    return { card: "valid", issue: { medium: "card", kinds: kindsOnCard(situation) } };
  },
});

/** 盗難: suspended like a lost one, and given up: only a new card helps. */
export const theft = defineEvent({
  type: "theft",
  ja: "カードの盗難",
  en: "Theft of the card",
  about: {
    ja: "電子証明書を一時停止し、警察に届け出てカードを廃止します。使うには再交付が必要です。",
    en: "The certificates are put on hold, the police are told, and the card is void: a new one is needed.",
  },
  fields: {},
  decide(situation) {
    requireAlive(situation);
    if (situation.resident.card !== "suspended") requireCard(situation);
    return {
      revoke: { certificates: live(situation), reason: "certificateHold" },
      card: "void",
      told: ["call-centre", "police", "city-office"],
    };
  },
});

/** 返納. */
export const returnCard = defineEvent({
  type: "return-card",
  ja: "カードの返納",
  en: "Return the card",
  about: {
    ja: "カードを市役所に返します。電子証明書はすべて失効します。",
    en: "The card goes back to the city office, and all certificates are revoked.",
  },
  fields: {},
  decide(situation) {
    requireAlive(situation);
    if (situation.resident.card !== "suspended") requireCard(situation);
    return {
      revoke: { certificates: live(situation), reason: "cessationOfOperation" },
      card: "void",
      told: ["city-office"],
    };
  },
});

/** 個人番号の変更, after a leak: the card with the old number is void. */
export const myNumberChange = defineEvent({
  type: "my-number-change",
  ja: "個人番号の変更",
  en: "Change of My Number",
  about: {
    ja: "漏えいなどのため個人番号が変わります。古い番号のカードと電子証明書は使えなくなります。",
    en: "A new My Number, such as after a leak. The card with the old one is void, and its certificates are revoked.",
  },
  fields: {},
  decide(situation) {
    requireAlive(situation);
    return {
      newMyNumber: true,
      revoke: { certificates: live(situation), reason: "cessationOfOperation" },
      ...(situation.resident.card === "none" ? {} : { card: "void" }),
      told: ["city-office", "resident-network"],
    };
  },
});

const pin = (pattern: RegExp) => z.string().regex(pattern).optional();

/** 初期化・再設定: with all tries; those that are named with a new value, none named all with the values of before. */
export const resetPins = defineEvent({
  type: "reset-pins",
  ja: "暗証番号の初期化",
  en: "Reset the passwords",
  about: {
    ja: "暗証番号のロックを解除します。新しい値を指定しなければ、登録されている値に戻します。",
    en: "Unblocks the passwords, with new values or else with those on record.",
  },
  fields: {
    signature: {
      ja: "署名用パスワード",
      en: "Signature password",
      hint: { ja: "英大文字と数字、6〜16文字", en: "6 to 16 capital letters and digits, at least one of each" },
      schema: pin(/^(?=.*[A-Z])(?=.*\d)[A-Z0-9]{6,16}$/),
      secret: true,
    },
    authentication: { ja: "利用者証明用暗証番号", en: "Authentication PIN", schema: pin(/^\d{4}$/), secret: true },
    text: { ja: "券面事項入力補助用暗証番号", en: "Card information PIN", schema: pin(/^\d{4}$/), secret: true },
  },
  decide(situation, { signature, authentication, text }) {
    requireCard(situation);
    const hasSignature = kindsOnCard(situation).includes("signature");
    if (signature !== undefined && !hasSignature) {
      throw new SandboxError("SIGNATURE_NOT_VALID", "the card has no signature certificate, so it has no password");
    }
    const { pins } = situation.resident;
    const named = signature ?? authentication ?? text;
    const all = {
      ...(hasSignature ? { signature: pins.signature } : {}),
      authentication: pins.authentication,
      text: pins.text,
    };
    const given = Object.entries({ signature, authentication, text }).filter(([, value]) => value !== undefined);
    return { pins: named === undefined ? all : Object.fromEntries(given) };
  },
});
