import { applicationIdentifiers } from "../application-identifiers.ts";
import { toHex } from "../hex.ts";
import { type Words, words } from "./words.ts";

/** An application of the card as a dialogue's reader knows it. */
export type NamedApplication = {
  /** DF name, hexadecimal. */
  identifier: string;
  name: Words;
  /** EFs by identifier, four hexadecimal digits. */
  files: Record<string, Words>;
  /** EFs whose content tells the My Number, or lets it be found by trying all: a digest of twelve digits hides nothing. */
  secretFiles: readonly string[];
  /** What COMPUTE DIGITAL SIGNATURE makes of what it hashes itself, where that is not RSA with SHA-256. */
  ownAlgorithm?: string;
};

const registerPin = words("住民基本台帳用暗証番号", "resident register PIN");
const cvCertificate = words("カード検証可能証明書", "card-verifiable certificate");
const numberA = words("照合番号A", "verification number A");
const numberB = words("照合番号B", "verification number B");
const basicInformation = words("AP基本情報", "application information");
const keyReference = words("鍵の参照", "key reference");

const certificateFiles: Record<string, Words> = {
  "0001": words("署名用電子証明書", "signature certificate"),
  "0002": words("署名用認証局の証明書", "CA certificate for signatures"),
  "0006": words("トークン情報", "token information"),
  "0008": words("電子証明書の有無", "which certificates there are"),
  "000a": words("利用者証明用電子証明書", "authentication certificate"),
  "000b": words("利用者証明用認証局の証明書", "CA certificate for authentication"),
  "0016": words("端末認証局の鍵", "terminal CA key"),
  "0017": words("利用者証明用秘密鍵", "authentication key"),
  "0018": words("利用者証明用暗証番号", "authentication PIN"),
  "001a": words("署名用秘密鍵", "signature key"),
  "001b": words("署名用パスワード", "signature password"),
};

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
    files: certificateFiles,
    secretFiles: [],
  },
  {
    identifier: toHex(applicationIdentifiers.text),
    name: words("券面事項入力補助AP", "the text application"),
    files: {
      "0001": words("個人番号", "My Number"),
      "0002": words("基本4情報", "four attributes"),
      "0003": words("真正性確認情報", "integrity record"),
      "0004": cvCertificate,
      "0005": basicInformation,
      "0006": words("セッション鍵配送用公開鍵", "public key for session keys"),
      "0007": words("内部認証用公開鍵", "public key for internal authentication"),
      "0011": words("券面事項入力補助用暗証番号", "card information PIN"),
      "0013": words("内部認証用秘密鍵", "key for internal authentication"),
      "0014": numberA,
      "0015": numberB,
    },
    secretFiles: ["0001", "0003"],
  },
  {
    identifier: toHex(applicationIdentifiers.visual),
    name: words("券面事項確認AP", "the visual application"),
    files: {
      "0001": words("生年月日の記録", "birth date record"),
      "0002": words("券面の画像", "card face"),
      "0003": basicInformation,
      "0004": cvCertificate,
      "0005": words("個人番号の画像", "My Number image"),
      "0011": words("生年月日による照合", "birth date key"),
      "0012": numberB,
      "0013": numberA,
    },
    secretFiles: ["0005"],
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
      "0001": words("カード情報", "card information"),
      "0002": keyReference,
      "0019": words("内部認証用秘密鍵", "key for internal authentication"),
      "001c": registerPin,
    },
    secretFiles: [],
  },
  {
    identifier: toHex(applicationIdentifiers.draftAuthentication),
    name: words("認証AP（次期カードの草案）", "the authentication application (draft of the next card)"),
    files: {
      ...certificateFiles,
      "000c": words("個人番号", "My Number"),
      "000d": words("基本4情報", "four attributes"),
      "000e": words("真正性確認情報", "integrity record"),
      "000f": cvCertificate,
    },
    secretFiles: ["000c", "000e"],
    ownAlgorithm: "ECDSA P-384 SHA-384",
  },
  {
    identifier: toHex(applicationIdentifiers.draftFace),
    name: words("券面等AP（次期カードの草案）", "the face application (draft of the next card)"),
    files: {
      "0002": words("券面の画像", "card face"),
      "0004": cvCertificate,
      "0005": words("個人番号の画像", "My Number image"),
      "0012": numberB,
      "0013": numberA,
    },
    secretFiles: ["0005"],
    ownAlgorithm: "ECDSA P-384 SHA-384",
  },
];

/** Data objects of GET DATA at the issuer's domain. */
export const dataObjects: Record<string, Words> = {
  "0042": words("発行者の鍵の参照", "issuer key reference"),
  "0045": words("カード識別番号", "card identification number"),
  "0066": words("カード認識データ", "card recognition data"),
  "00f0": words("市区町村コード", "municipality code"),
  "00f2": words("カードの有効期限", "card expiry"),
  "00f7": cvCertificate,
  "00f8": cvCertificate,
  "7f21": cvCertificate,
  "5f51": words("接触インターフェースのATR", "contact ATR"),
};
