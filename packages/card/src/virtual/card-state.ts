/**
 * A software card at rest, as plain JSON, for the simulator's own storage: it holds the private keys and the PINs, so it
 * is worth as much as the card. Nothing changes it in place: every change makes a new one.
 */
export type CardState = {
  version: 1;
  applications: CardApplication[];
};

export type CardApplication = {
  /** DF name, hexadecimal. */
  identifier: string;
  /** By the EF's identifier, four hexadecimal digits. */
  files: Record<string, CardFile>;
};

/**
 * `openedBy`: the PINs (by file), any one of which opens it; null when it is free.
 * Binary content is base64.
 */
export type CardFile =
  | { kind: "transparent"; content: string; openedBy: string[] | null }
  | { kind: "records"; records: string[] }
  | PinFile
  /** An RSA key as PKCS #8, or null while none was put in. */
  | { kind: "key"; privateKey: string | null; openedBy: string[] };

export type PinFile = {
  kind: "pin";
  /** ASCII; null while none was given out, which looks like a blocked one. */
  value: string | null;
  tries: number;
  maximumTries: number;
  shortest: number;
  longest: number;
};

/** The state with one file of one application replaced. */
export function withFile(state: CardState, identifier: string, file: string, content: CardFile): CardState {
  return {
    ...state,
    applications: state.applications.map((application) =>
      application.identifier === identifier
        ? { ...application, files: { ...application.files, [file]: content } }
        : application,
    ),
  };
}

export function fileOf(state: CardState, identifier: string, file: string): CardFile | undefined {
  return state.applications.find((application) => application.identifier === identifier)?.files[file];
}
