import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { CardAuthority } from "../card-verifiable-certificate.ts";
import { toHex } from "../hex.ts";
import { certificateContents, encodeKeyId, rsaPublicKey } from "./card-verifiable-certificate.ts";

const keyNames = [
  ...["masterFileAuthority", "visualAuthority", "textAuthority"],
  ...["masterFileIntermediate", "masterFileSigner", "visualSigner", "textSigner"],
] as const;

/** PKCS #8 in base64, by name: what an installation keeps of its issuer. As secret as a CA's keys. */
export type CardIssuerKeys = Record<string, string>;

/**
 * The simulated issuer of cards: three authorities whose public keys a terminal has to hold (MF level, 券面事項確認AP,
 * 券面事項入力補助AP) and, below them, the keys that sign what a card says of its holder. On real cards each municipality has
 * its own signing key; here all share one, under each municipality's own key id.
 */
export class CardIssuer {
  readonly #keys: Record<string, KeyObject>;

  /** Throws TypeError when a key is missing. */
  constructor(keys: CardIssuerKeys) {
    this.#keys = Object.fromEntries(
      keyNames.map((name) => {
        const key = keys[name];
        if (!key) throw new TypeError(`the card issuer's ${name} is missing`);
        return [name, createPrivateKey({ key: Buffer.from(key, "base64"), format: "der", type: "pkcs8" })];
      }),
    );
  }

  /** Seven new RSA-2048 keys; takes about a second. */
  static make(): CardIssuer {
    return new CardIssuer(
      Object.fromEntries(
        keyNames.map((name) => {
          const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
          return [name, privateKey.export({ format: "der", type: "pkcs8" }).toString("base64")];
        }),
      ),
    );
  }

  get keys(): CardIssuerKeys {
    return Object.fromEntries(
      keyNames.map((name) => [name, this.#key(name).export({ format: "der", type: "pkcs8" }).toString("base64")]),
    );
  }

  /** What a terminal must hold to check a card: the authorities' public keys. */
  get authorities(): CardAuthority[] {
    return (["masterFile", "visual", "text"] as const).map((which) => ({
      keyId: toHex(authorityKeyIds[which]),
      publicKey: rsaPublicKey(this.#key(`${which}Authority`)),
    }));
  }

  /** The key that signs the records of 券面事項確認AP or 券面事項入力補助AP. */
  signingKey(application: "visual" | "text"): KeyObject {
    return this.#key(`${application}Signer`);
  }

  /** EF 0004 of either application, without its 7F21: the authority's word for a municipality's signing key. */
  certificate(application: "visual" | "text", municipalityCode: string): Uint8Array {
    return certificateContents(
      { keyId: authorityKeyIds[application], privateKey: this.#key(`${application}Authority`) },
      {
        keyId: encodeKeyId(municipalityCode + { visual: "21", text: "31" }[application], "000"),
        publicKey: this.signingKey(application),
      },
    );
  }

  /** The chain of the MF level, without 7F21: authority to intermediate (00F8), intermediate to the key below (7F21). */
  masterFileChain(municipalityCode: string): { upper: Uint8Array; lower: Uint8Array } {
    const intermediate = { keyId: intermediateKeyId, privateKey: this.#key("masterFileIntermediate") };
    return {
      upper: certificateContents(
        { keyId: authorityKeyIds.masterFile, privateKey: this.#key("masterFileAuthority") },
        { keyId: intermediate.keyId, publicKey: intermediate.privateKey },
      ),
      lower: certificateContents(intermediate, {
        keyId: encodeKeyId(`${municipalityCode}01`, "000"),
        publicKey: this.#key("masterFileSigner"),
      }),
    };
  }

  #key(name: string): KeyObject {
    return this.#keys[name]!;
  }
}

const authorityKeyIds = {
  masterFile: encodeKeyId("9000020", "001", 0xa8),
  visual: encodeKeyId("9000023", "001"),
  text: encodeKeyId("9000033", "001"),
};

/** Object 00F7 of the MF level. */
export const intermediateKeyId = encodeKeyId("9000021", "001");

let ofThisProcess: CardIssuer | undefined;

/** One issuer for programs that keep none: made when it is first asked for, gone with the process. */
export function temporaryIssuer(): CardIssuer {
  ofThisProcess ??= CardIssuer.make();
  return ofThisProcess;
}
