import type { KeyObject } from "node:crypto";
import type { CardModel } from "./card-state.ts";

/** A resident's certificate with its key: RSA-2048 (P-384 on the draft), the key as a KeyObject or as PKCS #8 DER. */
export type KeyPair = { certificate: Uint8Array; privateKey: KeyObject | Uint8Array };

/** Everything a card is issued with. */
export type CardContents = {
  /** Default `card`. A phone has the JPKI application only; what the others are made of is ignored for it. */
  model?: CardModel;
  /** 署名用; null for a card issued without it (a child's): then its password is blocked and `pins.signature` is ignored. */
  signature: KeyPair | null;
  /** 利用者証明用; null likewise. */
  authentication: KeyPair | null;
  /** DER of the self-signed CA certificates. */
  certificateAuthorities: { signature: Uint8Array; authentication: Uint8Array };
  pins: {
    /** 署名用パスワード: 6 to 16 of A–Z and 0–9, at least one of each. */
    signature: string;
    /** 利用者証明用暗証番号: 4 digits. */
    authentication: string;
    /** 券面事項入力補助用暗証番号: 4 digits. */
    text: string;
    /** 住民基本台帳用暗証番号: 4 digits. Default that of `text`: a holder may choose one for both. */
    residentRegister?: string;
  };
  /** 個人番号, 12 digits. */
  myNumber: string;
  attributes: {
    name: string;
    address: string;
    /** YYYYMMDD, Gregorian. */
    birthdate: string;
    gender: "1" | "2" | "9";
  };
  /** Name and address as printed, where they have characters that the chip's text cannot hold. Default: the attributes'. */
  printed?: { name: string; address: string };
  /** What is printed on the card or kept about it. */
  card: {
    /** 製造番号, 15 digits. */
    serialNumber: string;
    /** 市区町村コード, 5 digits. */
    municipalityCode: string;
    /** 有効期限, YYYYMMDD. */
    expiry: string;
    /** セキュリティコード, 4 digits. */
    securityCode: string;
    /** Which of the drawn portraits; any whole number. Default: the serial number picks one. */
    portrait?: number;
  };
};

/** `residentRegister` stands for one PIN in two applications: 共通カードAP and 住基AP each keep and count their own. */
export type PinName = "signature" | "authentication" | "text" | "residentRegister";
