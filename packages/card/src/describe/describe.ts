import { type CommandApdu, parseCommand } from "../apdu.ts";
import { toHex } from "../hex.ts";
import { StatusWord, triesLeftOf } from "../status-word.ts";
import { dataObjects, issuerDomain, type NamedApplication, namedApplications } from "./files.ts";
import { counterMeaning, statusWordMeaning } from "./status-words.ts";
import { join, plain, type Words, words } from "./words.ts";

/** What is selected in a card session, as far as its commands and answers tell; undefined where they don't. */
export type Dialogue = { application: NamedApplication | undefined; file: string | undefined };

/** A card fresh from a reset. */
export const freshDialogue: Dialogue = { application: issuerDomain, file: undefined };

/** One command and its answer, for people. */
export type Exchange = {
  /** What the command is called in ISO/IEC 7816-4 or JICSAP, such as `VERIFY`. */
  command: string;
  /** What it is about: an application, a file, a PIN. */
  object: Words | undefined;
  /** How: an algorithm, an offset, a record. */
  manner: Words | undefined;
  result: Words;
  /** Whether the card did it, refused it, or was gone before it answered. */
  outcome: "done" | "refused" | "lost";
  /** Of a PIN, where the answer tells it. */
  triesLeft: number | undefined;
  /** SW1 SW2; undefined without an answer. */
  statusWord: number | undefined;
  /** Hexadecimal; `**` for each byte that would tell a PIN or the My Number. */
  sent: string;
  received: string;
};

/**
 * Says in words what a command did, and what is selected after it. PINs, and every answer that holds the My Number or a
 * digest or picture of it, are masked; where it isn't certain which file an answer comes from, that is masked too. Other
 * personal data are not. Never throws, whatever the bytes are.
 * @param answer undefined when the card left before it answered
 */
export function describe(
  before: Dialogue,
  command: Uint8Array,
  answer: Uint8Array | undefined,
): { exchange: Exchange; after: Dialogue } {
  const parsed = parseCommand(command);
  const answered = answer !== undefined && answer.length >= 2 ? answer : undefined;
  const statusWord = answered && answered[answered.length - 2]! * 0x100 + answered[answered.length - 1]!;
  const size = answered ? answered.length - 2 : 0;
  const after = parsed ? follow(before, parsed, statusWord) : { ...before, file: undefined };
  const spoken = parsed ? speak(before, parsed) : { command: "?", object: words("APDUではありません", "not an APDU") };
  const asksCounter = spoken.command === "VERIFY" && !parsed?.data;
  return {
    after,
    exchange: {
      command: spoken.command,
      object: spoken.object,
      manner: spoken.manner,
      ...judge(statusWord, size, asksCounter),
      triesLeft: statusWord === undefined ? undefined : triesLeftOf(statusWord),
      statusWord,
      sent: maskCommand(command),
      received: answered ? maskAnswer(before, after, command, answered) : "",
    },
  };
}

/** `VERIFY 署名用パスワード → 残り4回` in either language. */
export function sentence({ command, object, manner, result }: Exchange): Words {
  return join(plain(command), object, manner, plain("→"), result);
}

/** What an answer of so many bytes means. 63Cx is the answer wanted where only the tries left were asked for. */
function judge(
  statusWord: number | undefined,
  size: number,
  asksCounter: boolean,
): Pick<Exchange, "result" | "outcome"> {
  if (statusWord === undefined) {
    return { outcome: "lost", result: words("応答なし（カードが離れました）", "no answer: the card left") };
  }
  const left = triesLeftOf(statusWord);
  if (asksCounter && left !== undefined) return { outcome: "done", result: counterMeaning(left) };
  if (statusWord !== StatusWord.ok) return { outcome: "refused", result: statusWordMeaning(statusWord) };
  if (size > 0) {
    return { outcome: "done", result: words(`${size}バイト`, size === 1 ? "1 byte" : `${size} bytes`) };
  }
  return { outcome: "done", result: asksCounter ? words("照合済み", "verified already") : words("完了", "done") };
}

/** What is selected after the command, if the card did as it said. */
function follow(before: Dialogue, { cla, ins, p1, p2, data }: CommandApdu, statusWord: number | undefined): Dialogue {
  const done = statusWord === StatusWord.ok;
  if (isSecured(cla)) return { application: ins === 0xa4 ? undefined : before.application, file: undefined };
  if (ins === 0xa4) {
    if (!done) return before;
    if (p1 === 0x04) return { application: data && applicationNamed(data), file: undefined };
    return p1 === 0x02 && data?.length === 2 ? { ...before, file: toHex(data) } : { ...before, file: undefined };
  }
  const named = fileNamed(ins, p1, p2);
  if (named === undefined) return before;
  const accepted = done || (statusWord !== undefined && triesLeftOf(statusWord) !== undefined);
  return { ...before, file: accepted ? named : undefined };
}

/** The one application of which `name` is the DF name or its beginning. */
function applicationNamed(name: Uint8Array): NamedApplication | undefined {
  const fitting = namedApplications.filter(({ identifier }) => identifier.startsWith(toHex(name)));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Instructions that name their PIN or key in P2: 80 for the selected one, 80|SFI for another. */
const byReference = [0x20, 0x24, 0x2a, 0x32, 0x88];

/** The EF that a command names by its short identifier, where it does. */
function fileNamed(ins: number, p1: number, p2: number): string | undefined {
  const identifier = (sfi: number) => (sfi === 0 ? undefined : `00${sfi.toString(16).padStart(2, "0")}`);
  if (ins === 0xb0) return p1 & 0x80 ? identifier(p1 & 0x1f) : undefined;
  if (ins === 0xb2) return identifier(p2 >> 3);
  return byReference.includes(ins) && p2 & 0x80 ? identifier(p2 & 0x1f) : undefined;
}

type Spoken = { command: string; object?: Words | undefined; manner?: Words | undefined };

function speak(before: Dialogue, command: CommandApdu): Spoken {
  const { cla, ins, p1, p2, data } = command;
  if (isSecured(cla)) {
    return { command: names[ins] ?? instruction(ins), object: words("暗号化されたコマンド", "an encrypted command") };
  }
  const file = fileWords(before, fileNamed(ins, p1, p2) ?? before.file);
  switch (cla === 0x80 ? 0x8000 + ins : ins) {
    case 0xa4:
      return { command: "SELECT", object: selection(before, command) };
    case 0xb0: {
      const offset = p1 & 0x80 ? p2 : p1 * 0x100 + p2;
      const manner = offset === 0 ? undefined : words(`${offset}バイト目から`, `from byte ${offset}`);
      return { command: "READ BINARY", object: file, manner };
    }
    case 0xb2:
      return { command: "READ RECORD", object: file, manner: words(`${p1}番目のレコード`, `record ${p1}`) };
    case 0x20:
      return {
        command: "VERIFY",
        object: file,
        manner: data ? undefined : words("残り回数の照会", "asking for tries left"),
      };
    case 0x24:
    case 0x8032:
      return { command: names[ins]!, object: file };
    case 0xca: {
      const tag = toHex(Uint8Array.of(p1, p2));
      return { command: "GET DATA", object: dataObjects[tag] ?? plain(tag.toUpperCase()) };
    }
    case 0x802a:
      return {
        command: "COMPUTE DIGITAL SIGNATURE",
        // Without a reference, the key with which an application proves that the card is there.
        object: p2 === 0x00 ? words("内部認証用秘密鍵", "key for internal authentication") : file,
        manner: signatureManner(before, command),
      };
    case 0x88:
      return { command: names[ins]!, object: file };
    case 0x84:
    case 0x80ae:
    case 0x80a2:
    case 0x80fc:
      return { command: names[ins]! };
    default:
      return { command: instruction(ins), ...(cla === 0x00 ? {} : { manner: plain(`CLA ${hex(cla, 2)}`) }) };
  }
}

const names: Record<number, string> = {
  32: "VERIFY",
  36: "CHANGE REFERENCE DATA",
  50: "CHANGE KEY",
  132: "GET CHALLENGE",
  136: "INTERNAL AUTHENTICATE",
  162: "VERIFY TERMINAL CERTIFICATE",
  164: "SELECT",
  174: "SET SESSION KEY",
  176: "READ BINARY",
  178: "READ RECORD",
  252: "LAST COMMAND INDICATOR",
};

function selection(before: Dialogue, { p1, data }: CommandApdu): Words {
  if (p1 === 0x04) {
    if (!data) return words("名前なし", "no name");
    return applicationNamed(data)?.name ?? plain(toHex(data).toUpperCase());
  }
  if (p1 === 0x02 && data?.length === 2) return fileWords(before, toHex(data))!;
  return data ? plain(toHex(data).toUpperCase()) : plain("MF");
}

function fileWords({ application }: Dialogue, file: string | undefined): Words | undefined {
  if (file === undefined) return words("選択中のファイル", "the selected file");
  return application?.files[file] ?? plain(`EF ${file.toUpperCase()}`);
}

/** P1 chooses the padding; with 00 the card takes what it gets, which DigestInfo explains (RFC 8017 §9.2). */
function signatureManner({ application }: Dialogue, { p1, data }: CommandApdu): Words | undefined {
  switch (p1) {
    case 0x00: {
      const digest = data && digestAlgorithms[toHex(data.subarray(0, 15))];
      return digest ? plain(digest) : words("DigestInfoなし", "without DigestInfo");
    }
    case 0x01:
      return words("SHA-256（DigestInfoなし）", "SHA-256 without DigestInfo");
    case 0x02:
    case 0x03:
      return plain(application?.ownAlgorithm ?? "SHA-256");
    case 0x04:
    case 0x05:
      return plain("RSASSA-PSS SHA-256");
    default:
      return plain(`P1 ${hex(p1, 2)}`);
  }
}

/** The beginnings of DigestInfo. */
const digestAlgorithms: Record<string, string> = {
  "3021300906052b0e03021a05000414": "SHA-1",
  "3031300d0609608648016503040201": "SHA-256",
  "3041300d0609608648016503040202": "SHA-384",
  "3051300d0609608648016503040203": "SHA-512",
  // Three digests in one: the card's face.
  "3071300d0609608648016503040201": "SHA-256 × 3",
};

/** Commands whose data are a PIN or a 照合番号, whatever their class. */
const secretInstructions = [0x20, 0x21, 0x24, 0x25, 0x2c, 0x2d, 0x32];
const headerSize = 4;

/** Lc and Le stay, for they explain a wrong length; of bytes that are no APDU only the header does. */
function maskCommand(bytes: Uint8Array): string {
  const text = toHex(bytes);
  if (!secretInstructions.includes(bytes[1] ?? 0)) return text;
  const parsed = parseCommand(bytes);
  if (parsed && !parsed.data) return text;
  const start = parsed ? headerSize + (bytes[headerSize] === 0 ? 3 : 1) : headerSize;
  return mask(text, start, parsed?.data ? start + parsed.data.length : bytes.length);
}

/** Reading a file, in any of the forms that a card may know. */
const readInstructions = [0xb0, 0xb1, 0xb2, 0xb3];

function maskAnswer(before: Dialogue, after: Dialogue, command: Uint8Array, answer: Uint8Array): string {
  const text = toHex(answer);
  const [cla = 0, ins = 0] = command;
  if (isSecured(cla) || !readInstructions.includes(ins)) return text;
  const { application } = before;
  const mayBeSecret =
    application === undefined ||
    (application.secretFiles.length > 0 &&
      (after.file === undefined ||
        application.secretFiles.includes(after.file) ||
        application.files[after.file] === undefined));
  return mayBeSecret ? mask(text, 0, answer.length - 2) : text;
}

function mask(text: string, start: number, end: number): string {
  return text.slice(0, 2 * start) + "**".repeat(Math.max(0, end - start)) + text.slice(2 * end);
}

/** Secure messaging as the text application has it: the data are encrypted, and so is what is selected. */
function isSecured(cla: number): boolean {
  return (cla & 0xfc) === 0x08;
}

function instruction(ins: number): string {
  return `INS ${hex(ins, 2)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0").toUpperCase();
}
