import {
  type CardAuthority,
  type CardConnection,
  CardError,
  JpkiApplication,
  type JpkiCertificate,
  TextApplication,
  type TextAttributes,
  verifyText,
} from "@xid/card";
import { dateText, table } from "../card/overview-text.ts";
import { PinEntry, pinOptions } from "../card/pin-entry.ts";
import { trustedAuthorities } from "../card/trusted-authorities.ts";
import { cardOptions, withCard } from "../card/with-card.ts";
import { CliError } from "../cli-error.ts";
import { type Call, defineCommand } from "../command.ts";
import type { Language } from "../language.ts";
import { writePrivateFile } from "../private-file.ts";

const certificates: JpkiCertificate[] = ["signature", "authentication", "signature-ca", "authentication-ca"];

const options = {
  certificate: { type: "string", value: "WHICH", help: `証明書 / ${certificates.join(", ")} (authentication)` },
  attributes: { type: "boolean", help: "基本4情報 / name, address, birth date and sex" },
  "my-number": { type: "boolean", help: "個人番号 / the My Number; the law says who may ask for it" },
  out: { type: "string", value: "FILE", help: "ファイルへ（本人だけが読める） / into a file that only you can read" },
  trust: {
    type: "string",
    value: "FILE",
    help: "発行者の鍵（JSON） / keys of the cards' issuer to verify the text with",
  },
  ...cardOptions,
  ...pinOptions,
} as const;

type Wanted = { attributes: boolean; myNumber: boolean };

/** `issuerKeyId` is there when the text was verified. */
type Items = {
  certificate?: { which: JpkiCertificate; der: string; pem: string };
  attributes?: TextAttributes;
  myNumber?: string;
  issuerKeyId?: string;
};

export const cardRead = defineCommand({
  positionals: [],
  options,
  notes: [
    "The signature certificate needs its password, attributes and My Number the text PIN (券面事項入力補助用); nothing else does.",
    "PINs are typed in without echo, or read from stdin, one a line, in this order: signature, text.",
    "With --trust, and always with --person, text is printed only when a card issuer of those keys signed it. FILE is JSON:",
    '[{"keyId":"…","modulus":"…","exponent":"…"}], bytes in hexadecimal. Certificates are not verified.',
  ],
  async run(call) {
    const { values, language } = call;
    const which = chooseCertificate(call);
    const wanted = { attributes: values.attributes ?? false, myNumber: values["my-number"] ?? false };
    const pins = new PinEntry(call);
    const authorities = await trustedAuthorities(call);
    return withCard(call, async (card, place) => {
      const items: Items = {};
      if (which) items.certificate = await readCertificate(card, which, pins);
      if (wanted.attributes || wanted.myNumber) Object.assign(items, await readText(card, pins, authorities, wanted));
      pins.close();
      const json = { ...place, ...items };
      const text = itemsText(items, language);
      if (values.out === undefined) return { json, text };
      await writePrivateFile(values.out, `${call.json ? JSON.stringify(json) : text}\n`).catch((cause) => {
        throw new CliError("FILE", `cannot write ${values.out}`, { cause });
      });
      return { json: { ...place, out: values.out }, text: values.out };
    });
  },
});

function chooseCertificate({ values }: Call<typeof options>): JpkiCertificate | undefined {
  if (values.certificate === undefined) return values.attributes || values["my-number"] ? undefined : "authentication";
  const which = certificates.find((name) => name === values.certificate);
  if (!which) throw new CliError("USAGE", `--certificate is one of ${certificates.join(", ")}`);
  return which;
}

async function readCertificate(card: CardConnection, which: JpkiCertificate, pins: PinEntry) {
  const jpki = await JpkiApplication.select(card, { acceptDraft: true });
  const der = Buffer.from(await certificateBehindPin(jpki, which, pins)).toString("base64");
  const pem = `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
  return { which, der, pem };
}

/** Which certificates need a PIN depends on the card or phone, so it is asked for when the card wants it. */
async function certificateBehindPin(jpki: JpkiApplication, which: JpkiCertificate, pins: PinEntry) {
  try {
    return await jpki.readCertificate(which);
  } catch (error) {
    const wantsPin = error instanceof CardError && error.code === "SECURITY_STATUS";
    if (!wantsPin || which === "signature-ca" || which === "authentication-ca") throw error;
    await pins.verifyJpki(jpki, which);
    return jpki.readCertificate(which);
  }
}

async function readText(card: CardConnection, pins: PinEntry, authorities: CardAuthority[] | undefined, items: Wanted) {
  const text = await TextApplication.select(card, { acceptDraft: true });
  await pins.verifyText(text);
  if (authorities) return verifyText(await text.readSignedText(items), authorities);
  return {
    ...(items.attributes ? { attributes: await text.readAttributes() } : {}),
    ...(items.myNumber ? { myNumber: await text.readMyNumber() } : {}),
  };
}

const words = {
  ja: {
    name: "氏名",
    address: "住所",
    birthdate: "生年月日",
    gender: "性別",
    myNumber: "個人番号",
    issuer: "発行者の署名",
    verified: "確認済み",
  },
  en: {
    name: "name",
    address: "address",
    birthdate: "birth date",
    gender: "sex",
    myNumber: "My Number",
    issuer: "issuer's signature",
    verified: "verified",
  },
};
const genders: Record<string, Record<Language, string>> = {
  "1": { ja: "男", en: "male" },
  "2": { ja: "女", en: "female" },
  "9": { ja: "適用不能", en: "not applicable" },
};

function itemsText({ certificate, attributes, myNumber, issuerKeyId }: Items, language: Language): string {
  const say = words[language];
  const rows: [string, string][] = [];
  if (attributes) {
    const { name, address, birthdate, gender } = attributes;
    rows.push([say.name, name], [say.address, address], [say.birthdate, dateText(birthdate)]);
    rows.push([say.gender, genders[gender]![language]]);
  }
  if (myNumber) rows.push([say.myNumber, myNumber]);
  if (issuerKeyId) rows.push([say.issuer, `${say.verified} (${issuerKeyId})`]);
  return [...(certificate ? [certificate.pem.trimEnd()] : []), ...table(rows)].join("\n");
}
