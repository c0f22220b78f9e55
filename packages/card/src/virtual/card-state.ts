/**
 * A software card at rest, as plain JSON, for the simulator's own storage: it holds the private keys and the PINs, so it
 * is worth as much as the card. Nothing changes it in place: every change makes a new one.
 */
export type CardState = {
  version: 1;
  model: CardModel;
  /** The first is the issuer's own domain, which is selected when the card gets power. */
  applications: CardApplication[];
  printed: PrintedContents;
};

/**
 * The My Number Card; the certificates of a phone, in its secure element; and a draft of the card to come, of which
 * little is published.
 */
export type CardModel = "card" | "android" | "iphone" | "next-draft";

export const cardModels: readonly CardModel[] = ["card", "android", "iphone", "next-draft"];

export type CardApplication = {
  /** DF name, hexadecimal. */
  identifier: string;
  /**
   * By the EF's identifier, four hexadecimal digits. What has another name cannot be selected: keys that only a command
   * of their own reaches (`delivery`, `default`) and the objects of GET DATA (`data-` and the tag).
   */
  files: Record<string, CardFile>;
  /** The file of the key that signs when COMPUTE DIGITAL SIGNATURE names none. */
  defaultKey?: string;
  /** How a PIN is changed: CHANGE REFERENCE DATA (00 24) or JICSAP's CHANGE KEY (80 32). */
  pinChange?: "reference-data" | "key";
};

/**
 * `openedBy`: the PINs (by file), any one of which opens it; null when it is free, empty when nothing opens it.
 * Binary content is base64.
 */
export type CardFile =
  | { kind: "transparent"; content: string; openedBy: string[] | null }
  | { kind: "records"; records: string[] }
  | PinFile
  | KeyFile
  /** Made by the issuer when it is first used, because it takes keys, signatures or drawing. */
  | { kind: "first-use"; of: "transparent" | "key"; openedBy: string[] | null };

export type PinFile = {
  kind: "pin";
  /** Latin-1, one character for each byte; null while none was given out, which looks like a blocked one. */
  value: string | null;
  tries: number;
  maximumTries: number;
  shortest: number;
  longest: number;
};

export type KeyFile = {
  kind: "key";
  /** COMPUTE DIGITAL SIGNATURE, INTERNAL AUTHENTICATE or SET SESSION KEY: each key answers one command only. */
  use: "signature" | "authentication" | "delivery";
  /** RSA-2048, or P-384 in the draft, as PKCS #8; null while none was put in. */
  privateKey: string | null;
  openedBy: string[] | null;
};

/** What is printed on the card, for the files of the visual application, which are drawn and signed at their first use. */
export type PrintedContents = {
  name: string;
  address: string;
  /** YYYYMMDD, Gregorian. */
  birthdate: string;
  gender: "1" | "2" | "9";
  myNumber: string;
  municipalityCode: string;
  /** YYYYMMDD. */
  expiry: string;
  securityCode: string;
  /** Which of the drawn portraits. */
  portrait: number;
};

/** What a file is or will be. */
export function structureOf(file: CardFile): "transparent" | "records" | "pin" | "key" {
  return file.kind === "first-use" ? file.of : file.kind;
}

/** The state with some files of one application replaced or added. */
export function withFiles(state: CardState, identifier: string, files: Record<string, CardFile>): CardState {
  return {
    ...state,
    applications: state.applications.map((application) =>
      application.identifier === identifier
        ? { ...application, files: { ...application.files, ...files } }
        : application,
    ),
  };
}

export function fileOf(state: CardState, identifier: string, file: string): CardFile | undefined {
  const files = state.applications.find((application) => application.identifier === identifier)?.files;
  return files && Object.hasOwn(files, file) ? files[file] : undefined;
}

/** The same value when it is a card's state, else a TypeError that tells where it is not. Does not look into keys. */
export function parseCardState(value: unknown): CardState {
  const state = object(value, "state");
  if (state.version !== 1) throw new TypeError("a card state of another version");
  if (!cardModels.includes(state.model as CardModel)) throw new TypeError("a card state of an unknown model");
  if (!Array.isArray(state.applications) || state.applications.length === 0) {
    throw new TypeError("a card state without applications");
  }
  for (const application of state.applications) checkApplication(object(application, "application"));
  checkPrinted(object(state.printed, "printed"));
  return value as CardState;
}

function checkPrinted({ portrait, ...texts }: Record<string, unknown>): void {
  const fields = ["name", "address", "birthdate", "gender", "myNumber", "municipalityCode", "expiry", "securityCode"];
  for (const field of fields) {
    if (typeof texts[field] !== "string") throw new TypeError(`printed.${field} is not text`);
  }
  if (!Number.isInteger(portrait)) throw new TypeError("printed.portrait is not a whole number");
}

function checkApplication({ identifier, files }: Record<string, unknown>): void {
  if (typeof identifier !== "string" || !/^(?:[0-9a-f]{2}){5,16}$/.test(identifier)) {
    throw new TypeError("an application without a DF name");
  }
  for (const [name, file] of Object.entries(object(files, "files"))) checkFile(name, object(file, name));
}

function checkFile(name: string, file: Record<string, unknown>): void {
  const require = (fits: boolean, what: string) => {
    if (!fits) throw new TypeError(`file ${name}: ${what}`);
  };
  const { openedBy } = file;
  if (file.kind !== "pin" && file.kind !== "records") {
    const pins = Array.isArray(openedBy) && openedBy.every((pin) => typeof pin === "string");
    require(openedBy === null || pins, "openedBy");
  }
  switch (file.kind) {
    case "transparent":
      require(isBase64(file.content), "content");
      return;
    case "records":
      require(Array.isArray(file.records) && file.records.every(isBase64), "records");
      return;
    case "key":
      require(keyUses.includes(file.use as KeyFile["use"]), "use");
      require(file.privateKey === null || isBase64(file.privateKey), "key");
      return;
    case "first-use":
      require(file.of === "transparent" || file.of === "key", "of");
      return;
    case "pin":
      checkPin(file as PinFile, require);
      return;
    default:
      require(false, "kind");
  }
}

const keyUses: readonly KeyFile["use"][] = ["signature", "authentication", "delivery"];

function checkPin(pin: PinFile, require: (fits: boolean, what: string) => void): void {
  const { value, tries, maximumTries, shortest, longest } = pin;
  // 63Cx has four bits for the tries left.
  const counted = [tries, maximumTries].every((count) => Number.isInteger(count) && count >= 0 && count <= 15);
  require(counted && tries <= maximumTries, "tries");
  require(shortest >= 0 && shortest <= longest && longest <= 255, "lengths");
  const length = typeof value === "string" ? value.length : -1;
  require(value === null ? tries === 0 : shortest <= length && length <= longest, "value");
}

function isBase64(value: unknown): boolean {
  return typeof value === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(`${what} is no object`);
  return value as Record<string, unknown>;
}
