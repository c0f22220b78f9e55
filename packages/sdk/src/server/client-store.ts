/**
 * Where a relying party keeps its client: keys and registration, as one JSON text of about 1 kB with secrets in it.
 * `write` returns only when the text would survive a crash; `read` gives the last text written, or undefined.
 */
export type ClientStore = {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
};
