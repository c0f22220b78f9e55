import { createPrivateKey, type KeyObject } from "node:crypto";
import { encodeTlv } from "../tlv.ts";
import { applications, keyFile, transparentFile } from "./card-files.ts";
import type { CardIssuer, RecordKind } from "./card-issuer.ts";
import { makeCardKey } from "./card-key.ts";
import { type CardFile, type CardState, fileOf, withFiles } from "./card-state.ts";
import { encodeDeliveryKey, encodeIntegrityRecord, encodeSignedPublicKey } from "./text-files.ts";
import { encodeAgeRecord, encodeFace, encodeMyNumberImage, type RecordKeys } from "./visual-files.ts";

/** A card on which one application's files are being made. */
class Workpiece {
  readonly application: string;
  readonly issuer: CardIssuer;
  state: CardState;

  constructor(state: CardState, application: string, issuer: CardIssuer) {
    this.state = state;
    this.application = application;
    this.issuer = issuer;
  }

  put(name: string, file: CardFile): void {
    this.state = withFiles(this.state, this.application, { [name]: file });
  }

  /** Keeps the access condition that the file was announced with. */
  putContent(name: string, content: Uint8Array): void {
    this.put(name, transparentFile(content, this.openedBy(name)));
  }

  openedBy(name: string): string[] | null {
    const file = fileOf(this.state, this.application, name);
    return file && "openedBy" in file ? file.openedBy : null;
  }

  content(name: string): Uint8Array {
    const file = fileOf(this.state, this.application, name);
    if (file?.kind !== "transparent") throw new TypeError(`the card has no content in ${name}`);
    return Buffer.from(file.content, "base64");
  }

  /** The card's own key of that name, made when there is none yet. */
  key(name: string, use: "signature" | "authentication" | "delivery"): KeyObject {
    const file = fileOf(this.state, this.application, name);
    if (file?.kind === "key" && file.privateKey !== null) {
      return createPrivateKey({ key: Buffer.from(file.privateKey, "base64"), format: "der", type: "pkcs8" });
    }
    const privateKey = makeCardKey(this.state.model);
    this.put(name, keyFile(use, privateKey, this.openedBy(name)));
    return privateKey;
  }

  certificate(kind: RecordKind): Uint8Array {
    return encodeTlv(0x7f21, this.issuer.certificate(kind, this.state.printed.municipalityCode));
  }

  recordKeys(kind: RecordKind): RecordKeys {
    return { card: this.key("default", "signature"), issuer: this.issuer.signingKey(kind) };
  }
}

type Maker = (card: Workpiece, name: string) => void;

const makers: Record<string, Record<string, Maker>> = {
  [applications.issuerDomain]: {
    "data-00f8": (card, name) => card.putContent(name, chain(card).upper),
    "data-7f21": (card, name) => card.putContent(name, chain(card).lower),
  },
  [applications.text]: {
    "0003": (card, name) => {
      const key = card.issuer.signingKey("text");
      card.putContent(name, encodeIntegrityRecord(card.content("0001"), card.content("0002"), key));
    },
    "0004": (card, name) => card.putContent(name, card.certificate("text")),
    "0006": (card, name) => card.putContent(name, encodeDeliveryKey(card.key("delivery", "delivery"))),
    "0007": (card, name) => {
      const signed = encodeSignedPublicKey(card.key("0013", "signature"), card.issuer.signingKey("text"));
      card.putContent(name, signed);
    },
    "0013": (card, name) => void card.key(name, "signature"),
    delivery: (card, name) => void card.key(name, "delivery"),
  },
  [applications.visual]: {
    "0001": (card, name) => card.putContent(name, encodeAgeRecord(card.state.printed, card.recordKeys("visual"))),
    "0002": (card, name) => card.putContent(name, encodeFace(card.state.printed, card.recordKeys("visual"))),
    "0004": (card, name) => card.putContent(name, card.certificate("visual")),
    "0005": (card, name) => card.putContent(name, encodeMyNumberImage(card.state.printed, card.recordKeys("visual"))),
    default: (card, name) => void card.key(name, "signature"),
  },
  [applications.draftAuthentication]: {
    "000e": (card, name) => {
      const key = card.issuer.signingKey("draft");
      card.putContent(name, encodeIntegrityRecord(card.content("000c"), card.content("000d"), key));
    },
    "000f": (card, name) => card.putContent(name, card.certificate("draft")),
  },
  [applications.draftFace]: {
    "0002": (card, name) => card.putContent(name, encodeFace(card.state.printed, card.recordKeys("draft"))),
    "0004": (card, name) => card.putContent(name, card.certificate("draft")),
    "0005": (card, name) => card.putContent(name, encodeMyNumberImage(card.state.printed, card.recordKeys("draft"))),
    default: (card, name) => void card.key(name, "signature"),
  },
  [applications.common]: {
    "0019": (card, name) => void card.key(name, "authentication"),
  },
};

function chain({ issuer, state }: Workpiece): { upper: Uint8Array; lower: Uint8Array } {
  return issuer.masterFileChain(state.printed.municipalityCode);
}

/** The state with one file of kind `first-use` made, and the keys that it needs. */
export function makeAtFirstUse(state: CardState, application: string, name: string, issuer: CardIssuer): CardState {
  const make = makers[application]?.[name];
  if (!make) throw new TypeError(`nobody knows how to make file ${name} of ${application}`);
  const card = new Workpiece(state, application, issuer);
  make(card, name);
  return card.state;
}
