import { CardError } from "./card-error.ts";

/** What the JPKI application is in. Other labels, such as those of cards to come, are `unknown`. */
export type TokenModel = "card" | "juki-card" | "android" | "iphone" | "next-draft" | "unknown";

/** EF 0006: CK_TOKEN_INFO (PKCS #11) as the card holds it. Nothing signs it. */
export type TokenInformation = {
  model: TokenModel;
  /** Text without the spaces behind it. */
  label: string;
  manufacturer: string;
  modelName: string;
  serialNumber: string;
  /** CK_FLAGS. */
  flags: number;
  longestPin: number;
  shortestPin: number;
  hardwareVersion: string;
  firmwareVersion: string;
};

const models: Record<string, TokenModel> = {
  JPKIAPICCTOKEN2: "card",
  JPKIAPICCTOKEN: "juki-card",
  JPKIAPGPSETOKEN: "android",
  JPKIAPIOSTOKEN: "iphone",
  // Our own: what the real one will say is not known.
  "SIM-DRAFT-NEXT-CARD": "next-draft",
};
const size = 160;

/** `MALFORMED_RESPONSE` for other than 160 bytes, or text that is not printable ASCII. */
export function parseTokenInformation(bytes: Uint8Array): TokenInformation {
  if (bytes.length !== size) throw malformed();
  const text = (start: number, length: number) => {
    const characters = String.fromCharCode(...bytes.subarray(start, start + length));
    if (!/^[\x20-\x7e]*$/.test(characters)) throw malformed();
    return characters.trimEnd();
  };
  const words = new DataView(bytes.buffer, bytes.byteOffset + 96);
  const word = (index: number) => words.getUint32(4 * index);
  const label = text(0, 32);
  return {
    model: Object.hasOwn(models, label) ? models[label]! : "unknown",
    label,
    manufacturer: text(32, 32),
    modelName: text(64, 16),
    serialNumber: text(80, 16),
    flags: word(0),
    longestPin: word(5),
    shortestPin: word(6),
    hardwareVersion: text(140, 2),
    firmwareVersion: text(142, 2),
  };
}

function malformed(): CardError {
  return new CardError("MALFORMED_RESPONSE", "not a token information");
}
