import { z } from "zod";
import { kinds, type Reason } from "../../ca/kind.ts";
import { media } from "../../ca/medium.ts";
import { dayInJapan, monthsBefore } from "../../calendar.ts";
import { SandboxError } from "../../error.ts";
import { kindWords, mediumWords, reasonWords } from "../certificate-words.ts";
import { defineEvent } from "./life-event.ts";
import { kindsOnCard, live, requireAlive, requireCard, requireSignatureAge } from "./preconditions.ts";

/** The reasons that a resident's certificate is revoked for by hand. */
export const revocationReasons = [
  "cessationOfOperation",
  "keyCompromise",
  "certificateHold",
  "affiliationChanged",
  "superseded",
  "unspecified",
] as const satisfies Reason[];

/** How many months before its end a certificate can be renewed, in Japan and abroad. */
const renewalMonths = { resident: 3, abroad: 12, deceased: 0 };

/** 署名用電子証明書の発行: after a move or a change of name; at fifteen, the first one. */
export const reissueSignature = defineEvent({
  type: "reissue-signature",
  ja: "署名用電子証明書の発行",
  en: "Issue a signature certificate",
  about: {
    ja: "今の住民票の内容で、新しい鍵と署名用電子証明書をカードに記録します。15歳になれば初めての発行ができます。",
    en: "Puts a new key and a signature certificate with today's register on the card; at fifteen, the first one.",
  },
  fields: {},
  decide(situation) {
    requireCard(situation);
    requireSignatureAge(situation);
    if (live(situation, { kinds: ["authentication"], media: ["card"] }).length === 0) {
      throw new SandboxError("AUTHENTICATION_NOT_VALID", "the authentication certificate is not valid: issue both");
    }
    const isFirst = !kindsOnCard(situation).includes("signature");
    return {
      revoke: { certificates: live(situation, { kinds: ["signature"] }), reason: "superseded" },
      issue: { medium: "card", kinds: ["signature"] },
      ...(isFirst ? { pins: { signature: situation.resident.pins.signature } } : {}),
    };
  },
});

/** 更新: from three months before the end, new keys and certificates on the same card, with the same passwords. */
export const renew = defineEvent({
  type: "renew",
  ja: "電子証明書の更新",
  en: "Renew the certificates",
  about: {
    ja: "有効期限の3か月前（国外では1年前）から、または失効・期限切れの後に、カードの電子証明書をすべて新しくします。",
    en: "New keys and certificates on the same card: from three months before their end (abroad a year), or after it.",
  },
  fields: {},
  decide(situation) {
    requireCard(situation);
    const { resident, today } = situation;
    const [authentication] = live(situation, { kinds: ["authentication"], media: ["card"] });
    const months = renewalMonths[resident.standing];
    if (authentication && today < monthsBefore(dayInJapan(authentication.notAfter), months)) {
      const message = `certificates are renewed from ${months} months before their end; reissue-certificates is possible now`;
      throw new SandboxError("TOO_EARLY", message);
    }
    return {
      revoke: { certificates: live(situation), reason: "superseded" },
      issue: { medium: "card", kinds: kindsOnCard(situation) },
    };
  },
});

/** 再発行: at any time, by giving up the present ones. */
export const reissueCertificates = defineEvent({
  type: "reissue-certificates",
  ja: "電子証明書の再発行",
  en: "Reissue the certificates",
  about: {
    ja: "有効期限にかかわらず、今の電子証明書をやめて新しいものを発行します。",
    en: "At any time: the present certificates are given up, and new ones issued on the same card.",
  },
  fields: {},
  decide(situation) {
    requireCard(situation);
    return {
      revoke: { certificates: live(situation), reason: "cessationOfOperation" },
      issue: { medium: "card", kinds: kindsOnCard(situation) },
    };
  },
});

/** 失効申請: at the holder's request, for a reason of the visitor's choice. */
export const revoke = defineEvent({
  type: "revoke",
  ja: "電子証明書の失効",
  en: "Revoke certificates",
  about: { ja: "元に戻すことはできません。", en: "This can't be undone." },
  fields: {
    kind: {
      ja: "電子証明書",
      en: "Certificate",
      hint: { ja: "空欄なら両方です。", en: "Left empty, both." },
      schema: z.enum(kinds).optional(),
      choices: kindWords,
    },
    medium: {
      ja: "どこの",
      en: "On what",
      hint: { ja: "空欄なら両方です。", en: "Left empty, card and phone." },
      schema: z.enum(media).optional(),
      choices: mediumWords,
    },
    reason: { ja: "理由", en: "Reason", schema: z.enum(revocationReasons).optional(), choices: reasonWords },
  },
  decide(situation, { kind, medium, reason = "cessationOfOperation" }) {
    requireAlive(situation);
    // What is on the phone ends with its like on the card.
    const where = medium === "phone" ? (["phone"] as const) : media;
    const certificates = live(situation, { kinds: kind === undefined ? kinds : [kind], media: where });
    if (certificates.length === 0)
      throw new SandboxError("NOTHING_TO_REVOKE", "there is no valid certificate to revoke");
    return { revoke: { certificates, reason } };
  },
});
