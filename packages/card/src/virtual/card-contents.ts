import type { KeyObject } from "node:crypto";

/** A resident's certificate with its key: RSA-2048, the key as a KeyObject or as PKCS #8 DER. */
export type KeyPair = { certificate: Uint8Array; privateKey: KeyObject | Uint8Array };

/** Everything a card is issued with. */
export type CardContents = {
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
  };
};

export type PinName = "signature" | "authentication" | "text";
