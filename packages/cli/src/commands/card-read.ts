import { type CardConnection, JpkiApplication, type JpkiCertificate, TextApplication } from "@xid/card";
import { dateText, table } from "../card/overview-text.ts";
import { PinEntry, pinOptions } from "../card/pin-entry.ts";
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
  ...cardOptions,
  ...pinOptions,
} as const;

type Items = {
  certificate?: { which: JpkiCertificate; der: string; pem: string };
  attributes?: object;
  myNumber?: string;
};

export const cardRead = defineCommand({
  positionals: [],
  options,
  notes: [
    "The signature certificate needs its password, attributes and My Number the text PIN (券面事項入力補助用); nothing else does.",
    "PINs are typed in without echo, or read from stdin, one a line, in this order: signature, text.",
    "What a card says is printed as it is: neither the certificate nor the text is verified here.",
  ],
  async run(call) {
    const { values, language } = call;
    const which = chooseCertificate(call);
    const pins = new PinEntry(call);
    return withCard(call, async (card, place) => {
      const items: Items = {};
      if (which) items.certificate = await readCertificate(card, which, pins, values["last-try"] ?? false);
      if (values.attributes || values["my-number"]) Object.assign(items, await readText(card, pins, values));
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

async function readCertificate(card: CardConnection, which: JpkiCertificate, pins: PinEntry, lastTryAllowed: boolean) {
  const jpki = await JpkiApplication.select(card);
  const phone = which === "authentication" && (await jpki.readTokenInformation()).model !== "card";
  if (which === "signature" || phone) {
    const pin = await pins.current(which, await jpki.triesLeft(which));
    await jpki.verifyPin(which, pin, { lastTryAllowed });
  }
  const der = Buffer.from(await jpki.readCertificate(which)).toString("base64");
  const pem = `-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
  return { which, der, pem };
}

async function readText(card: CardConnection, pins: PinEntry, values: Call<typeof options>["values"]) {
  const text = await TextApplication.select(card);
  const pin = await pins.current("text", await text.triesLeft());
  await text.verifyPin(pin, { lastTryAllowed: values["last-try"] ?? false });
  return {
    ...(values.attributes ? { attributes: await text.readAttributes() } : {}),
    ...(values["my-number"] ? { myNumber: await text.readMyNumber() } : {}),
  };
}

const words = {
  ja: { name: "氏名", address: "住所", birthdate: "生年月日", gender: "性別", myNumber: "個人番号" },
  en: { name: "name", address: "address", birthdate: "birth date", gender: "sex", myNumber: "My Number" },
};
const genders: Record<string, Record<Language, string>> = {
  "1": { ja: "男", en: "male" },
  "2": { ja: "女", en: "female" },
  "9": { ja: "適用不能", en: "not applicable" },
};

function itemsText({ certificate, attributes, myNumber }: Items, language: Language): string {
  const say = words[language];
  const rows: [string, string][] = [];
  if (attributes) {
    const { name, address, birthdate, gender } = attributes as Awaited<ReturnType<TextApplication["readAttributes"]>>;
    rows.push([say.name, name], [say.address, address], [say.birthdate, dateText(birthdate)]);
    rows.push([say.gender, genders[gender]![language]]);
  }
  if (myNumber) rows.push([say.myNumber, myNumber]);
  return [...(certificate ? [certificate.pem.trimEnd()] : []), ...table(rows)].join("\n");
}
