import { createInterface } from "node:readline";
import { CardError, type JpkiApplication, type JpkiKey, type TextApplication } from "@xid/card";
import { CliError } from "../cli-error.ts";
import type { Option } from "../command.ts";
import type { Language } from "../language.ts";
import { SandboxClient } from "../sandbox-client.ts";
import type { CardCall } from "./with-card.ts";

export type PinKind = "signature" | "authentication" | "text" | "resident-register";

/** Options of every verb that types a PIN into a card. */
export const pinOptions = {
  pin: {
    type: "string",
    value: "PIN",
    help: "住民のカードだけ / with --person only, instead of what the city office knows",
  },
  "last-try": { type: "boolean", help: "残り1回でも使う / type it in even if one try is left" },
} as const satisfies Record<string, Option>;

const names: Record<PinKind, Record<Language, string>> = {
  signature: { ja: "署名用パスワード（英数字6〜16文字）", en: "signature password (6 to 16 letters and digits)" },
  authentication: { ja: "利用者証明用暗証番号（4桁）", en: "authentication PIN (4 digits)" },
  text: { ja: "券面事項入力補助用暗証番号（4桁）", en: "text PIN, 券面事項入力補助用 (4 digits)" },
  "resident-register": { ja: "住民基本台帳用暗証番号（4桁）", en: "resident register PIN, 住民基本台帳用 (4 digits)" },
};

type PinCall = Omit<CardCall, "values"> & {
  values: CardCall["values"] & {
    pin?: string | undefined;
    "new-pin"?: string | undefined;
    "last-try"?: boolean | undefined;
  };
};

/**
 * PINs from where nobody else sees them: from the terminal without echo, or one a line from stdin where that is no terminal.
 * A sandbox resident's come from `--pin` or the city office.
 */
export class PinEntry {
  readonly #call: PinCall;
  #lines: AsyncIterator<string> | undefined;

  /** `USAGE` for a PIN on the command line that is not a sandbox resident's: other programs see command lines. */
  constructor(call: PinCall) {
    const { person, pin, "new-pin": newPin } = call.values;
    if (person === undefined && (pin !== undefined || newPin !== undefined)) {
      throw new CliError(
        "USAGE",
        "a PIN on the command line is for --person only: type it when asked, or give it on stdin",
      );
    }
    this.#call = call;
  }

  /** Asks for the PIN of a key and gives it to the card. */
  async verifyJpki(jpki: JpkiApplication, key: JpkiKey): Promise<void> {
    if (!(await jpki.issuedCertificates())[key]) {
      throw new CardError("CERTIFICATE_ABSENT", "the card was issued without this certificate");
    }
    const pin = await this.current(key, await jpki.triesLeft(key));
    await jpki.verifyPin(key, pin, this.lastTry);
  }

  /** The same with the PIN that opens number and attributes. */
  async verifyText(text: TextApplication): Promise<void> {
    const pin = await this.current(text.pinName, await text.triesLeft());
    await text.verifyPin(pin, this.lastTry);
  }

  /** For every VERIFY: whether the last try may be used. */
  get lastTry(): { lastTryAllowed: boolean } {
    return { lastTryAllowed: this.#call.values["last-try"] ?? false };
  }

  /** Nobody is asked for a PIN that cannot be tried. @param triesLeft what the card says of it */
  async current(kind: PinKind, triesLeft?: number): Promise<string> {
    const { values, places, language } = this.#call;
    if (triesLeft === 0) throw new CardError("PIN_BLOCKED", "the PIN is blocked", { remaining: 0 });
    if (triesLeft === 1 && !values["last-try"]) throw new CardError("LAST_TRY", "one try is left", { remaining: 1 });
    if (values.person !== undefined) {
      if (values.pin !== undefined) return values.pin;
      const { pins } = await new SandboxClient(places.sandbox).person(values.person);
      return kind === "resident-register" ? pins.text : pins[kind];
    }
    const tries = { ja: `残り${triesLeft}回`, en: `${triesLeft} ${triesLeft === 1 ? "try" : "tries"} left` }[language];
    return this.#ask(names[kind][language] + (triesLeft === undefined ? ": " : ` [${tries}]: `));
  }

  /** A new value, asked for twice at a terminal. */
  async next(kind: PinKind): Promise<string> {
    const { values, language } = this.#call;
    if (values["new-pin"] !== undefined) return values["new-pin"];
    const name = names[kind][language];
    const first = await this.#ask({ ja: `新しい${name}: `, en: `new ${name}: ` }[language]);
    if (!process.stdin.isTTY) return first;
    const second = await this.#ask({ ja: "もう一度: ", en: "once more: " }[language]);
    if (first !== second) {
      const differ = {
        ja: "2回の入力が一致しません。何も変更していません。",
        en: "The two differ; nothing was changed.",
      };
      throw new CliError("USAGE", differ[language]);
    }
    return first;
  }

  /** After the last question: lets the process end. */
  close(): void {
    process.stdin.pause();
  }

  async #ask(prompt: string): Promise<string> {
    if (process.stdin.isTTY) return askTerminal(prompt);
    this.#lines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const { value, done } = await this.#lines.next();
    if (done) throw new CliError("USAGE", "no PIN: there is no terminal to ask at, and stdin has no line for it");
    return value;
  }
}

const keys = { interrupt: "\u0003", endOfInput: "\u0004", backspace: "\u007f", otherBackspace: "\b" } as const;

/** One line, not echoed, not even its length. Ctrl+C and Ctrl+D are `INTERRUPTED`. */
function askTerminal(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = "";
  const type = (chunk: string) => {
    for (const key of chunk) {
      if (key === "\r" || key === "\n") return resolve(typed);
      if (key === keys.interrupt || key === keys.endOfInput) return giveUp();
      if (key === keys.backspace || key === keys.otherBackspace) typed = typed.slice(0, -1);
      else typed += key;
    }
  };
  const giveUp = () => reject(new CliError("INTERRUPTED", "no PIN was typed in"));
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  stdin.on("data", type).on("end", giveUp).resume();
  return promise.finally(() => {
    stdin.off("data", type).off("end", giveUp).pause();
    stdin.setRawMode(false);
    stderr.write("\n");
  });
}
