import {
  attributeNames,
  type BilingualText,
  type ItemName,
  layoutWarnings,
  myNumberPurposes,
  type RequestDisplay,
  type ShownDocument,
  type ShownItem,
  type ShownSigning,
  type SignatureLayout,
  type SigningDocument,
} from "@xid/protocol";

type HandOverDisplay = Extract<RequestDisplay, { kind: "my_number" }>["handOver"];

export const itemLabels: Record<ItemName, string> = {
  name: "氏名 name",
  family_name: "氏 family name",
  given_name: "名 given name",
  birthdate: "生年月日 birth date",
  age_over_18: "18歳以上 aged 18 or over",
  age_over_20: "20歳以上 aged 20 or over",
  gender: "性別 sex",
  address: "住所 address",
  municipality: "住所の市区町村 municipality of residence",
};

/** A service's name in both languages, once where they are the same. */
export function bothNames({ ja, en }: BilingualText): string {
  return ja === en ? ja : `${ja} / ${en}`;
}

/** What the app's consent screen shows, as lines for a terminal. */
export function displayText(display: RequestDisplay): string {
  const { client, purpose, items, checkNumber, message, via } = display;
  return [
    `${bothNames(client.name)} (${client.domain})`,
    ...(via === "push" ? ["  サービスから届いた依頼 / sent by the service; it began on no screen of yours"] : []),
    ...(display.kind === "sign_in" && display.level === "card"
      ? ["  カードの提示が必要 / the card itself is wanted"]
      : []),
    ...(message === undefined ? [] : [`  サービスからのメッセージ message: ${message}`]),
    `  目的 purpose: ${purpose.ja} / ${purpose.en}`,
    ...(display.kind === "card_signature" ? signatureLines(display.signature) : []),
    ...(display.kind === "document_signature" ? signingLines(display.signing) : []),
    ...(display.kind === "my_number" ? myNumberLines(display.handOver) : []),
    ...items.flatMap(itemLines),
    ...(display.changed
      ? ["  カードの読み取り後に変わったことがあります / something has changed since the card was read"]
      : []),
    ...(display.kind === "identity_refresh"
      ? [
          display.refresh.cardRead
            ? "  カードを読み取りました / the card has been read"
            : "  カードの読み取りが必要です / the card is to be read",
        ]
      : []),
    ...(display.latestAttributes
      ? [
          `  ${display.latestAttributes.granted ? "同意済み granted  " : "任意 voluntary"}  今後の変更も知らせる later changes, until ${new Date(display.latestAttributes.until * 1000).toISOString().slice(0, 10)}`,
        ]
      : []),
    ...(display.delivery ? ["  相手だけが開ける形で渡す / only the service can open what you let go"] : []),
    ...(display.offlineAccess ? ["  不在時もアクセス / access also while you are away"] : []),
    ...(checkNumber ? [`  確認番号 check number: ${checkNumber}`] : []),
    `  requestId: ${display.requestId}`,
  ].join("\n");
}

function itemLines(item: ShownItem): string[] {
  const { name, required, purpose } = item;
  return [
    `  ${required ? "必須 required " : "任意 voluntary"}  ${itemLabels[name]}: ${valueText(item)}`,
    ...(purpose ? [`      目的 purpose: ${bothNames(purpose)}`] : []),
  ];
}

/** Exactly what would leave. */
function valueText({ value, withheld }: ShownItem): string {
  if (withheld === "other_value_wanted")
    return "渡しません（相手の求める値ではない） stays with you: not the value wanted";
  if (value === null) return "渡しません（証明書からはわからない） stays with you: the certificate does not say it";
  if (typeof value === "boolean") return value ? "はい yes" : "いいえ no";
  if (typeof value === "string") return value;
  const code = value.municipality_code ? ` [${value.municipality_code}]` : "";
  return `${"formatted" in value ? value.formatted : value.region + value.locality}${code}`;
}

function signatureLines({ display, document }: { display: SignatureLayout; document: ShownDocument }): string[] {
  const shown =
    document.form === "text"
      ? ["  署名する文書 document:", ...document.text.split(/\r?\n/).map((line) => `    | ${line}`)]
      : [`  署名するファイル file: ${document.name} (${document.size} bytes)`];
  return [
    "  マイナンバーカードで署名 signature with the card",
    ...layoutLines(display),
    ...shown,
    `  SHA-256: ${Buffer.from(document.digest, "base64url").toString("hex")}`,
  ];
}

function myNumberLines({ purpose, lawVersion, attributes, recipient }: HandOverDisplay): string[] {
  const { name, law } = myNumberPurposes[purpose];
  const others = attributeNames.map((item) => `${itemLabels[item]} ${attributes[item]}`);
  return [
    "  マイナンバーの提供 handing over the My Number",
    `  利用目的 for: ${bothNames(name)}`,
    `  根拠 law: ${bothNames(law)} (${lawVersion})`,
    `  カードの記録には次も含まれます the card's record also tells: ${others.join(", ")}`,
    `  この鍵だけが開けます only this key opens it: ${recipient.key.kid ?? recipient.key.x} (${recipient.jwksUri})`,
  ];
}

function signingLines({ layout, document, format, level }: ShownSigning): string[] {
  const warning = layoutWarnings[layout.layout];
  return [
    `  端末の鍵で電子署名 signature with the device's key: ${format.toUpperCase()}${format === "jws" ? "" : ` ${level}`}`,
    ...layoutLines(layout),
    ...(warning ? [`  注意 warning: ${bothNames(warning)}`] : []),
    ...documentLines(document),
  ];
}

function documentLines(document: SigningDocument): string[] {
  if (document.form === "none") return [];
  const hex = Buffer.from(document.digest, "base64url").toString("hex");
  if (document.form === "data") {
    const { name, size, algorithm } = document;
    return [`  署名するデータ data: ${name} (${size} bytes)`, `  ${algorithm.toUpperCase()}: ${hex}`];
  }
  const { name, size, pages, signer, signedBefore, seal } = document;
  return [
    `  署名する文書 document: ${name} (${size} bytes, ${pages}ページ pages)`,
    ...(signer.of > 1 ? [`  署名者 signer: ${signer.position}/${signer.of} (${signedBefore}人が署名済み signed)`] : []),
    ...(seal ? [`  署名欄 seal: ${seal.page}ページ page${seal.reason ? `, ${seal.reason}` : ""}`] : []),
    `  SHA-256: ${hex}`,
  ];
}

function layoutLines(display: SignatureLayout): string[] {
  switch (display.layout) {
    case "application":
      return [
        `  申請 application: ${bothNames(display.title)}`,
        `  提出先 recipient: ${bothNames(display.recipient)}`,
        ...(display.summary ? [`  内容 summary: ${bothNames(display.summary)}`] : []),
      ];
    case "contract":
      return [
        `  契約 contract: ${bothNames(display.title)}`,
        `  相手方 counterparty: ${bothNames(display.counterparty)}`,
        ...(display.amount === undefined ? [] : [`  金額 amount: ${display.amount.toLocaleString("ja-JP")}円`]),
        ...(display.from ? [`  開始日 from: ${display.from}`] : []),
        ...(display.until ? [`  終了日 until: ${display.until}`] : []),
      ];
    case "transfer":
      return [
        `  振込 transfer: ${bothNames(display.payee)}`,
        `  振込先 to: ${bothNames(display.account)}`,
        `  金額 amount: ${display.amount.toLocaleString("ja-JP")}円`,
        ...(display.fee === undefined ? [] : [`  手数料 fee: ${display.fee.toLocaleString("ja-JP")}円`]),
        ...(display.on ? [`  振込日 on: ${display.on}`] : []),
      ];
    case "consent":
      return [
        `  同意 consent: ${bothNames(display.title)}`,
        `  相手 towards: ${bothNames(display.recipient)}`,
        `  内容 summary: ${bothNames(display.summary)}`,
        ...(display.until ? [`  期限 until: ${display.until}`] : []),
      ];
    case "account_opening":
      return [
        `  口座開設 account opening: ${bothNames(display.institution)}`,
        ...(display.branch ? [`  支店 branch: ${bothNames(display.branch)}`] : []),
        `  口座の種類 account: ${display.account}`,
      ];
  }
}
