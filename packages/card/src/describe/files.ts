import { applicationIdentifiers } from "../application-identifiers.ts";
import { toHex } from "../hex.ts";
import { type Words, words } from "./words.ts";

/** An application of the card as a dialogue's reader knows it. */
export type NamedApplication = {
  /** DF name, hexadecimal. */
  identifier: string;
  name: Words;
  /** EFs by identifier. */
  files: Record<number, Words>;
  /** EFs whose content tells the My Number, or lets it be found by trying all: a digest of twelve digits hides nothing. */
  secretFiles: readonly number[];
};

const registerPin = words("住民基本台帳用暗証番号", "resident register PIN");
const cvCertificate = words("カード検証可能証明書", "card-verifiable certificate");
const numberA = words("照合番号A", "verification number A");
const numberB = words("照合番号B", "verification number B");
const basicInformation = words("AP基本情報", "application information");
const keyReference = words("鍵の参照", "key reference");

/** The issuer's own domain, which is selected after power-on. */
export const issuerDomain: NamedApplication = {
  identifier: toHex(applicationIdentifiers.issuerDomain),
  name: words("カード発行者の領域（MF）", "the issuer's domain (MF)"),
  files: {},
  secretFiles: [],
};

/** Names follow the applications' public descriptions; those of EFs that nobody has explained are left out. */
export const namedApplications: readonly NamedApplication[] = [
  issuerDomain,
  {
    identifier: toHex(applicationIdentifiers.jpki),
    name: words("公的個人認証AP", "the JPKI application"),
    files: {
      1: words("署名用電子証明書", "signature certificate"),
      2: words("署名用認証局の証明書", "CA certificate for signatures"),
      6: words("トークン情報", "token information"),
      8: words("電子証明書の有無", "which certificates there are"),
      10: words("利用者証明用電子証明書", "authentication certificate"),
      11: words("利用者証明用認証局の証明書", "CA certificate for authentication"),
      22: words("端末認証局の鍵", "terminal CA key"),
      23: words("利用者証明用秘密鍵", "authentication key"),
      24: words("利用者証明用暗証番号", "authentication PIN"),
      26: words("署名用秘密鍵", "signature key"),
      27: words("署名用パスワード", "signature password"),
    },
    secretFiles: [],
  },
  {
    identifier: toHex(applicationIdentifiers.text),
    name: words("券面事項入力補助AP", "the text application"),
    files: {
      1: words("個人番号", "My Number"),
      2: words("基本4情報", "four attributes"),
      3: words("真正性確認情報", "integrity record"),
      4: cvCertificate,
      5: basicInformation,
      6: words("セッション鍵配送用公開鍵", "public key for session keys"),
      7: words("内部認証用公開鍵", "public key for internal authentication"),
      17: words("券面事項入力補助用暗証番号", "card information PIN"),
      19: words("内部認証用秘密鍵", "key for internal authentication"),
      20: numberA,
      21: numberB,
    },
    secretFiles: [0x0001, 0x0003],
  },
  {
    identifier: toHex(applicationIdentifiers.visual),
    name: words("券面事項確認AP", "the visual application"),
    files: {
      1: words("生年月日の記録", "birth date record"),
      2: words("券面の画像", "card face"),
      3: basicInformation,
      4: cvCertificate,
      5: words("個人番号の画像", "My Number image"),
      17: words("生年月日による照合", "birth date key"),
      18: numberB,
      19: numberA,
    },
    secretFiles: [0x0005],
  },
  {
    identifier: toHex(applicationIdentifiers.juki),
    name: words("住基AP", "the resident register application"),
    files: { 2: keyReference, 28: registerPin },
    secretFiles: [],
  },
  {
    identifier: toHex(applicationIdentifiers.common),
    name: words("共通カードAP", "the common application"),
    files: {
      1: words("カード情報", "card information"),
      2: keyReference,
      25: words("内部認証用秘密鍵", "key for internal authentication"),
      28: registerPin,
    },
    secretFiles: [],
  },
];

/** Data objects of GET DATA at the issuer's domain. */
export const dataObjects: Record<number, Words> = {
  66: words("発行者の鍵の参照", "issuer key reference"),
  69: words("カード識別番号", "card identification number"),
  102: words("カード認識データ", "card recognition data"),
  240: words("市区町村コード", "municipality code"),
  242: words("カードの有効期限", "card expiry"),
  247: cvCertificate,
  248: cvCertificate,
  32545: cvCertificate,
  24401: words("接触インターフェースのATR", "contact ATR"),
};
