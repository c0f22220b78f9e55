import { createPrivateKey, type KeyObject } from "node:crypto";
import type { EcPublicKey } from "../card-public-key.ts";
import type { CardAuthority } from "../card-verifiable-certificate.ts";
import { toHex } from "../hex.ts";
import type { RsaPublicKey } from "../rsa.ts";
import { makeCardKey } from "./card-key.ts";
import { certificateContents, encodeKeyId } from "./card-verifiable-certificate.ts";
import { ecPublicKey, rsaPublicKey } from "./record-signature.ts";

/** PKCS #8 in base64, by name: what an installation keeps of its issuer. As secret as a CA's keys. */
export type CardIssuerKeys = Record<string, string>;

/** Whose records are signed: an application's of the card, or the draft's. */
export type RecordKind = "visual" | "text" | "draft";

type KeyName = `${"masterFile" | RecordKind}${"Authority" | "Signer"}` | "masterFileIntermediate";

/**
 * The simulated issuer of cards: three authorities whose public keys a terminal has to hold (MF level, 券面事項確認AP,
 * 券面事項入力補助AP) and, below them, the keys that sign what a card says of its holder; one authority for the draft. On real
 * cards each municipality has its own signing key; here all share one, under each municipality's own key id.
 * Each key is made when it is first needed, a tenth of a second.
 */
export class CardIssuer {
  readonly #keys = new Map<string, KeyObject>();
  readonly #keep: (keys: CardIssuerKeys) => void;

  /**
   * @param keys those made before
   * @param keep stores all of them, after each new one; called before the key is used
   */
  constructor(keys: CardIssuerKeys = {}, keep: (keys: CardIssuerKeys) => void = () => undefined) {
    for (const [name, key] of Object.entries(keys)) {
      this.#keys.set(name, createPrivateKey({ key: Buffer.from(key, "base64"), format: "der", type: "pkcs8" }));
    }
    this.#keep = keep;
  }

  /** What a terminal must hold to check a card: the authorities' public keys. */
  get authorities(): (CardAuthority & { publicKey: RsaPublicKey })[] {
    return (["masterFile", "visual", "text"] as const).map((which) => ({
      keyId: toHex(authorityKeyIds[which]),
      publicKey: rsaPublicKey(this.#key(`${which}Authority`)),
    }));
  }

  /** The same for the draft: P-384. */
  get draftAuthority(): { keyId: string; publicKey: EcPublicKey } {
    return { keyId: toHex(authorityKeyIds.draft), publicKey: ecPublicKey(this.#key("draftAuthority")) };
  }

  /** The key that signs the records of 券面事項確認AP, of 券面事項入力補助AP, or of the draft. */
  signingKey(kind: RecordKind): KeyObject {
    return this.#key(`${kind}Signer`);
  }

  /** The authority's word for a municipality's signing key, without its 7F21. */
  certificate(kind: RecordKind, municipalityCode: string): Uint8Array {
    const serial = { visual: "21", text: "31", draft: "41" }[kind];
    return certificateContents(
      { keyId: authorityKeyIds[kind], privateKey: this.#key(`${kind}Authority`) },
      { keyId: encodeKeyId(municipalityCode + serial, "000"), publicKey: this.signingKey(kind) },
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

  #key(name: KeyName): KeyObject {
    const known = this.#keys.get(name);
    if (known) return known;
    const key = makeCardKey(name.startsWith("draft") ? "next-draft" : "card");
    const pkcs8 = (one: KeyObject) => one.export({ format: "der", type: "pkcs8" }).toString("base64");
    this.#keep(Object.fromEntries([...this.#keys, [name, key] as const].map(([each, one]) => [each, pkcs8(one)])));
    this.#keys.set(name, key);
    return key;
  }
}

const authorityKeyIds = {
  masterFile: encodeKeyId("9000020", "001", 0xa8),
  visual: encodeKeyId("9000023", "001"),
  text: encodeKeyId("9000033", "001"),
  draft: encodeKeyId("9900001", "001"),
};

/** Object 00F7 of the MF level. */
export const intermediateKeyId = encodeKeyId("9000021", "001");

let ofThisProcess: CardIssuer | undefined;

/** One issuer for programs that keep none: made when it is first asked for, gone with the process. */
export function temporaryIssuer(): CardIssuer {
  ofThisProcess ??= new CardIssuer();
  return ofThisProcess;
}
