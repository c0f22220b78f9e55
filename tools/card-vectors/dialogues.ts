import { createHash } from "node:crypto";
import { type CardState, cardApplications } from "@xid/card/virtual";
import { type Dialogue, good, type Step, step } from "./dialogue.ts";
import { secureMessagingDialogues } from "./secure-messaging-dialogues.ts";

const { draftAuthentication, draftFace, ...aids } = cardApplications;

const hex = (value: string | Uint8Array) => Buffer.from(value as string).toString("hex");
const byte = (value: number) => value.toString(16).padStart(2, "0");
export const select = (aid: string) => `00a4040c ${byte(aid.length / 2)} ${aid}`;
const selectFile = (file: string) => `00a4020c 02 ${file}`;
export const verify = (value: string) => `00200080 ${byte(value.length)} ${hex(value)}`;
export const verifyFile = (sfi: number, value: string) =>
  `002000${byte(0x80 | sfi)} ${byte(value.length)} ${hex(value)}`;
const readAll = (sfi: number) => `00b0${byte(0x80 | sfi)}00 000000`;

const message = Buffer.from("本人確認", "utf8");
const digest = createHash("sha256").update(message).digest();
const digestInfo = `3031300d060960864801650304020105000420${hex(digest)}`;
const challenge = "000102030405060708090a0b0c0d0e0f";

/** What the dialogues need to know of the card: its PINs, and how long its certificates are. */
export type KnownCard = {
  signature: string;
  authentication: string;
  text: string;
  residentRegister: string;
  numberA: string;
  numberB: string;
  birthNumber: string;
  certificateSize: Record<"authentication" | "signature" | "authenticationAuthority" | "signatureAuthority", number>;
};

export function known(state: CardState): KnownCard {
  const file = (application: string, name: string) => {
    const found = state.applications.find(({ identifier }) => identifier === application)?.files[name];
    if (!found) throw new TypeError(`the card has no ${name} in ${application}`);
    return found;
  };
  const pin = (application: string, name: string) => {
    const found = file(application, name);
    if (found.kind !== "pin" || found.value === null) throw new TypeError("the card has no such PIN");
    return found.value;
  };
  const size = (name: string) => {
    const found = file(aids.jpki, name);
    if (found.kind !== "transparent") throw new TypeError("the card has no such certificate");
    return Buffer.from(found.content, "base64").length;
  };
  return {
    signature: pin(aids.jpki, "001b"),
    authentication: pin(aids.jpki, "0018"),
    text: pin(aids.text, "0011"),
    residentRegister: pin(aids.common, "001c"),
    numberA: pin(aids.text, "0014"),
    numberB: pin(aids.text, "0015"),
    birthNumber: pin(aids.visual, "0011"),
    certificateSize: {
      ...{ authentication: size("000a"), authenticationAuthority: size("000b") },
      ...{ signature: size("0001"), signatureAuthority: size("0002") },
    },
  };
}

/** By the name of the file that they go into. */
export const cardDialogues: Record<string, (card: KnownCard, state: CardState) => Dialogue[] | Promise<Dialogue[]>> = {
  selection: ({ text }) => [
    {
      id: "applications",
      about: "Every application is selected by its name; a beginning of at least five bytes will do.",
      steps: good(...Object.values(aids).map(select), select(aids.jpki.slice(0, 10)), `00a40400 0a ${aids.jpki} 00`),
      broken: [
        {
          id: "foreign",
          about: "A name that the card does not have.",
          steps: [step("00a4040c 07 a0000000791000", "6a82")],
        },
        { id: "too-short", about: "A beginning of four bytes.", steps: [step("00a4040c 04 d392f000", "6a82")] },
        { id: "p2", about: "P2 that asks for the next occurrence.", steps: [step(`00a40402 0a ${aids.jpki}`, "6a86")] },
        { id: "channel", about: "Logical channel 1.", steps: [step(`01a4040c 0a ${aids.jpki}`, "6881")] },
        {
          id: "class",
          about: "A class that the card does not know.",
          steps: [step(`90a4040c 0a ${aids.jpki}`, "6e00")],
        },
        {
          id: "instruction",
          about: "An instruction that the card does not know.",
          steps: [step("00cb3fff 03 5c017e 08", "6d00")],
        },
        { id: "lc", about: "Fewer bytes than Lc says.", steps: [step(`00a4040c 0b ${aids.jpki}`, "6700")] },
        { id: "short", about: "No command at all.", steps: [step("00a4", "6700")] },
      ],
    },
    {
      id: "mf",
      about: "There is no MF, and inside an application the card claims to have selected it; the application stays.",
      steps: good(select(aids.jpki), "00a40000", selectFile("0018")),
      broken: [
        {
          id: "after-power-on",
          about: "After power-on the card denies it.",
          after: 0,
          steps: [step("00a40000", "6a86")],
        },
        { id: "by-identifier", about: "3F00 is unknown.", steps: [step("00a40000 02 3f00", "6a82")] },
      ],
    },
    {
      id: "security-status",
      about: "What was verified lasts until an application is selected, also if it is the same.",
      steps: good(select(aids.text), verifyFile(0x11, text), readAll(0x02)),
      broken: [
        {
          id: "selected-again",
          about: "The same application again.",
          steps: [...good(select(aids.text)), step(readAll(0x02), "6982")],
        },
      ],
    },
  ],

  files: ({ authentication }) => [
    {
      id: "token-information",
      about: "EF 0006 has 160 bytes, of which readers look at the first 32.",
      steps: good(select(aids.jpki), selectFile("0006"), "00b00000 20", "00b00000 00"),
    },
    {
      id: "read-binary",
      about: "By current file, by short identifier (which makes it the current one), from an offset, with extended Le.",
      steps: good(
        ...[select(aids.jpki), selectFile("000a"), "00b00000 04", "00b00000 000000", "00b00100 00"],
        ...["00b08600 20", "00b08620 20", "00b00020 20"],
      ),
      broken: [
        { id: "no-file", about: "No file is selected.", after: 1, steps: [step("00b00000 04", "6986")] },
        { id: "unknown-file", about: "A file that is not there.", after: 1, steps: [step(selectFile("0003"), "6a82")] },
        {
          id: "unknown-sfi",
          about: "The same by its short identifier.",
          after: 1,
          steps: [step("00b08300 04", "6a82")],
        },
        { id: "past-the-end", about: "An offset behind the end.", after: 2, steps: [step("00b07fff 01", "6b00")] },
        { id: "no-le", about: "Without Le.", after: 2, steps: [step("00b00000", "6700")] },
        { id: "reserved-bits", about: "P1 with reserved bits.", after: 2, steps: [step("00b0a800 04", "6a86")] },
        { id: "pin", about: "Of a PIN.", after: 1, steps: [step("00b09800 04", "6981")] },
        { id: "key", about: "Of a private key.", after: 1, steps: [step("00b09700 04", "6981")] },
        { id: "record", about: "As a record.", after: 2, steps: [step("00b20104 00", "6981")] },
        {
          id: "never",
          about: "EF 0009, which no PIN opens.",
          after: 1,
          steps: [...good(verifyFile(0x18, authentication)), step("00b08900 00", "6982")],
        },
      ],
    },
    {
      id: "read-record",
      about:
        "The card's own number, municipality and expiry: record 1 of EF 0001, by current file or short identifier.",
      steps: good(select(aids.common), selectFile("0001"), "00b20104 00", "00b2010c 00", "00b20114 00"),
      broken: [
        { id: "no-record", about: "Record 2.", after: 2, steps: [step("00b20204 00", "6a83")] },
        { id: "all-records", about: "All records from the first.", after: 2, steps: [step("00b20105 00", "6a81")] },
        { id: "as-binary", about: "As a transparent file.", after: 2, steps: [step("00b00000 00", "6981")] },
      ],
    },
    {
      id: "get-data",
      about: "Objects of the MF level, whole.",
      steps: good(
        ...["0042", "0045", "0066", "00f0", "00f2", "00f7"].map((tag) => `00ca${tag} 00`),
        ...["00ca00f8 000000", "00ca7f21 000000", "00ca5f51 00", select(aids.jpki), "00ca5f51 00"],
      ),
      broken: [
        { id: "short-le", about: "A large object by short Le.", after: 0, steps: [step("00ca7f21 00", "6700")] },
        { id: "unknown", about: "An object that is not there.", after: 0, steps: [step("00ca00f1 00", "6a88")] },
        { id: "inside", about: "Inside an application.", steps: [step("00ca00f2 00", "6a88")] },
      ],
    },
    {
      id: "get-challenge",
      about: "Random bytes.",
      steps: [{ send: "00840000 08", status: "9000", random: true }],
      broken: [
        { id: "extended", about: "More than 256.", steps: [step("00840000 000101", "6985")] },
        { id: "no-le", about: "Without Le.", steps: [step("00840000", "6700")] },
      ],
    },
  ],

  pins: ({ authentication, signature, text, residentRegister, numberA, numberB, birthNumber }) => [
    {
      id: "tries-left",
      about: "An empty VERIFY tells the tries left and costs none: of the current file, or by short identifier.",
      steps: [
        ...[step(select(aids.jpki), "9000"), step(selectFile("0018"), "9000"), step("00200080", "63c3")],
        ...[step("0020009b", "63c5"), step("00200098", "63c3"), step("00200090", "63c0")],
        ...[step(select(aids.text), "9000"), step("00200091", "63c3"), step("00200092", "63c0")],
        ...[step("00200094", "63ca"), step("00200095", "63ca"), step(select(aids.visual), "9000")],
        ...[step("00200091", "63ca"), step("00200092", "63ca"), step("00200093", "63ca")],
        ...[step(select(aids.common), "9000"), step("0020009c", "63c3")],
        ...[step(select(aids.residentRegister), "9000"), step("0020009c", "63c3")],
      ],
    },
    {
      id: "verify",
      about: "Every PIN and printed number opens.",
      steps: good(
        ...[select(aids.jpki), verifyFile(0x18, authentication), verifyFile(0x1b, signature)],
        ...[select(aids.text), verifyFile(0x11, text), verifyFile(0x14, numberA), verifyFile(0x15, numberB)],
        ...[select(aids.visual), verifyFile(0x11, birthNumber), verifyFile(0x12, numberB), verifyFile(0x13, numberA)],
        ...[select(aids.common), verifyFile(0x1c, residentRegister)],
        ...[select(aids.residentRegister), verifyFile(0x1c, residentRegister)],
      ),
      broken: [
        { id: "p1", about: "Another P1.", after: 1, steps: [step(`00200198 04 ${hex(authentication)}`, "6a86")] },
        {
          id: "p2",
          about: "P2 that is no reference.",
          after: 1,
          steps: [step(`00200018 04 ${hex(authentication)}`, "6a86")],
        },
        { id: "le", about: "With Le.", after: 1, steps: [step(`00200098 04 ${hex(authentication)} 00`, "6700")] },
        { id: "no-file", about: "Without a current file.", after: 1, steps: [step(verify(authentication), "6986")] },
        {
          id: "no-pin",
          about: "A key in the place of a PIN.",
          after: 1,
          steps: [step(verifyFile(0x17, "1234"), "6981")],
        },
        {
          id: "lower-case",
          about: "The signature password in lower case: the card compares bytes.",
          after: 1,
          steps: [step(verifyFile(0x1b, signature.toLowerCase()), "63c4")],
        },
      ],
    },
    {
      id: "blocked",
      about: "Wrong ones count down to a blocked PIN. The right one restores the counter before that, never after.",
      steps: [
        ...good(select(aids.jpki)),
        ...[step(verifyFile(0x18, "0000"), "63c2"), step(verifyFile(0x18, authentication), "9000")],
        ...["63c2", "63c1", "63c0"].map((status) => step(verifyFile(0x18, "0000"), status)),
        ...[step(verifyFile(0x18, authentication), "6984"), step("00200098", "63c0")],
        step(`802a0097 33 ${digestInfo} 00`, "6982"),
      ],
    },
    {
      id: "change-reference-data",
      about: "CHANGE REFERENCE DATA: after VERIFY, the new PIN alone.",
      steps: good(
        ...[select(aids.jpki), selectFile("0018"), verify(authentication), "00240180 04 30303030"],
        ...[select(aids.jpki), verifyFile(0x18, "0000")],
      ),
      broken: [
        { id: "not-verified", about: "Before VERIFY.", after: 2, steps: [step("00240180 04 30303030", "6982")] },
        {
          id: "p1",
          about: "With the old PIN before it, as P1 00 says.",
          after: 3,
          steps: [step("00240080 08 3132333430303030", "6a86")],
        },
        { id: "length", about: "Three digits.", after: 3, steps: [step("00240180 03 303030", "6700")] },
        {
          id: "dialect",
          about: "The other applications' command.",
          after: 3,
          steps: [step("80320080 04 30303030", "6d00")],
        },
      ],
    },
    {
      id: "change-key",
      about: "CHANGE KEY of 共通カードAP and 住基AP, each by itself.",
      steps: good(
        ...[select(aids.common), selectFile("001c"), verify(residentRegister), "80320080 04 30303030"],
        ...[select(aids.residentRegister), selectFile("001c"), verify(residentRegister), "80320080 04 30303030"],
      ),
      broken: [
        { id: "not-verified", about: "Before VERIFY.", after: 2, steps: [step("80320080 04 30303030", "6982")] },
        { id: "p1", about: "Another P1.", after: 3, steps: [step("80320180 04 30303030", "6a86")] },
        {
          id: "dialect",
          about: "The other applications' command.",
          after: 3,
          steps: [step("00240180 04 30303030", "6d00")],
        },
        {
          id: "one-only",
          about: "Changed in 共通カードAP, 住基AP still has the old one.",
          after: 4,
          steps: [...good(select(aids.residentRegister)), step(verifyFile(0x1c, "0000"), "63c2")],
        },
      ],
    },
  ],

  signatures: ({ authentication, signature }) => {
    const verified = good(select(aids.jpki), verifyFile(0x18, authentication));
    return [
      {
        id: "pkcs1",
        about: "RSASSA-PKCS1-v1_5: P1 00 any bytes, 01 the bare digest of a message, 02 a digest, 03 a message.",
        steps: [
          ...verified,
          ...good(
            ...[
              `802a0097 33 ${digestInfo} 00`,
              `802a0097 01 00 00`,
              `802a0197 ${byte(message.length)} ${hex(message)} 00`,
            ],
            ...[`802a0297 20 ${hex(digest)} 00`, `802a0397 ${byte(message.length)} ${hex(message)} 00`],
          ),
        ],
        broken: [
          {
            id: "not-verified",
            about: "Before VERIFY.",
            after: 1,
            steps: [step(`802a0097 33 ${digestInfo} 00`, "6982")],
          },
          {
            id: "other-pin",
            about: "The signature key after the authentication PIN.",
            after: 2,
            steps: [step(`802a009a 33 ${digestInfo} 00`, "6982")],
          },
          { id: "p1", about: "P1 06.", after: 2, steps: [step(`802a0697 33 ${digestInfo} 00`, "6a86")] },
          {
            id: "pin",
            about: "A PIN in the place of the key.",
            after: 2,
            steps: [step(`802a0098 33 ${digestInfo} 00`, "6981")],
          },
          {
            id: "too-long",
            about: "246 bytes.",
            after: 2,
            steps: [step(`802a0097 f6 ${"ab".repeat(246)} 00`, "6700")],
          },
          { id: "no-le", about: "Without Le.", after: 2, steps: [step(`802a0097 33 ${digestInfo}`, "6700")] },
          {
            id: "digest-size",
            about: "P1 02 with 31 bytes.",
            after: 2,
            steps: [step(`802a0297 1f ${hex(digest.subarray(1))} 00`, "6700")],
          },
          { id: "class", about: "Class 00.", after: 2, steps: [step(`002a0097 33 ${digestInfo} 00`, "6d00")] },
        ],
      },
      {
        id: "pss",
        about: "RSASSA-PSS with SHA-256 and a salt of 32 bytes: P1 04 a digest, 05 a message.",
        steps: [
          ...verified,
          { send: `802a0497 20 ${hex(digest)} 00`, status: "9000", random: true } as Step,
          { send: `802a0597 ${byte(message.length)} ${hex(message)} 00`, status: "9000", random: true } as Step,
        ],
      },
      {
        id: "signature-key",
        about: "The signature key, selected or by short identifier; one VERIFY lasts for several signatures.",
        steps: good(
          ...[select(aids.jpki), selectFile("001b"), verify(signature), readAll(0x01)],
          ...[selectFile("001a"), `802a0080 33 ${digestInfo} 00`, `802a009a 33 ${digestInfo} 00`],
        ),
      },
      {
        id: "presence",
        about:
          "Keys that need no PIN: P2 00 in the applications of the card's face, INTERNAL AUTHENTICATE in 共通カードAP.",
        steps: good(
          ...[select(aids.text), `802a0000 33 ${digestInfo} 00`, select(aids.visual), `802a0000 33 ${digestInfo} 00`],
          ...[select(aids.common), `00880099 10 ${challenge} 00`],
        ),
        broken: [
          {
            id: "no-key",
            about: "P2 00 in 公的個人認証AP.",
            after: 0,
            steps: [...good(select(aids.jpki)), step(`802a0000 33 ${digestInfo} 00`, "6a86")],
          },
          {
            id: "behind-pin",
            about: "INTERNAL AUTHENTICATE with a key behind a PIN.",
            after: 0,
            steps: [...good(select(aids.jpki)), step(`00880097 10 ${challenge} 00`, "6982")],
          },
          {
            id: "signing-key",
            about: "INTERNAL AUTHENTICATE with a key that signs.",
            after: 1,
            steps: [step(`00880093 10 ${challenge} 00`, "6985")],
          },
          { id: "no-challenge", about: "INTERNAL AUTHENTICATE of nothing.", steps: [step("00880099 00", "6700")] },
        ],
      },
    ];
  },

  records: ({ text, numberA, numberB, birthNumber }) => [
    {
      id: "text-by-pin",
      about: "券面事項入力補助AP: My Number, attributes, integrity record, certificate, keys.",
      steps: good(select(aids.text), verifyFile(0x11, text), ...[1, 2, 3, 4, 5, 6, 7, 8].map(readAll)),
      broken: [1, 2, 3, 6, 7].map((file) => ({
        id: `closed-${file}`,
        about: `EF 000${file} before VERIFY.`,
        after: 1,
        steps: [step(readAll(file), "6982")],
      })),
    },
    {
      id: "text-by-number-a",
      about: "照合番号A opens the My Number, and not the attributes.",
      steps: good(select(aids.text), verifyFile(0x14, numberA), readAll(1), readAll(3)),
      broken: [{ id: "attributes", about: "The attributes.", steps: [step(readAll(2), "6982")] }],
    },
    {
      id: "text-by-number-b",
      about: "照合番号B opens the attributes, and not the My Number.",
      steps: good(select(aids.text), verifyFile(0x15, numberB), readAll(2), readAll(3)),
      broken: [{ id: "my-number", about: "The My Number.", steps: [step(readAll(1), "6982")] }],
    },
    {
      id: "visual-by-number-a",
      about: "券面事項確認AP: 照合番号A opens the face and the picture of the My Number.",
      steps: good(select(aids.visual), verifyFile(0x13, numberA), ...[2, 3, 4, 5, 6].map(readAll)),
      broken: [{ id: "age", about: "The age record.", steps: [step(readAll(1), "6982")] }],
    },
    {
      id: "visual-by-number-b",
      about: "照合番号B opens the face only.",
      steps: good(select(aids.visual), verifyFile(0x12, numberB), readAll(2)),
      broken: [{ id: "my-number", about: "The picture of the My Number.", steps: [step(readAll(5), "6982")] }],
    },
    {
      id: "visual-by-birth-date",
      about: "The birth date opens the age record only.",
      steps: good(select(aids.visual), verifyFile(0x11, birthNumber), readAll(1)),
      broken: [{ id: "face", about: "The face.", steps: [step(readAll(2), "6982")] }],
    },
  ],

  "secure-messaging": secureMessagingDialogues,

  opensc: (card) => openScDialogues(card),
  myna: (card) => mynaDialogues(card),
};

/** As OpenSC 0.23 speaks to a card through pcscd. */
function openScDialogues({ authentication, signature, certificateSize }: KnownCard): Dialogue[] {
  const foreign = [
    ...["00a4040007627601ff000000", "00a4040006a00000000101", "00a404000be82b0601040181c31f020100"],
    "00a4040c0fd23300000045737445494420763335",
  ];
  const foreignAfterGetData = [
    ...["00a4040009a0000003080000100000", "00a4040009a0000003080000100000"],
    ...["00a4040c07a000000116db0000", "00a4040c07a000000079100000"],
    ...Array.from({ length: 16 }, (_, number) => `00a4040c07a00000007901${byte(number)}00`),
    ...["00a404000cf276a288bcfba69d34f31001", "00a4040009a0000003974254465900", "00a4040006d2760001240100"],
  ];
  const bind = [
    ...[step(select(aids.jpki), "9000"), step(selectFile("0018"), "9000"), step("00200080", "63c3")],
    ...[step(selectFile("001b"), "9000"), step("00200080", "63c5")],
  ];
  const readCertificate = (file: string, size: number) => {
    const blocks = Math.floor(size / 256);
    const rest = size % 256;
    return good(
      ...[selectFile(file), "00b00000 04"],
      ...Array.from({ length: blocks }, (_, block) => `00b0${byte(block)}00 00`),
      ...(rest ? [`00b0${byte(blocks)}00 ${byte(rest)}`] : []),
    );
  };
  const signs = (pin: string, value: string, key: string, tries: string) => [
    ...[step(selectFile(pin), "9000"), step("00200080", tries), step(verify(value), "9000")],
    ...good(selectFile(key), `802a0080 33 ${digestInfo} 00`),
  ];
  return [
    {
      id: "probes",
      about:
        "Other cards' drivers look for theirs first, 29 times; any 9000 among these answers makes it another card.",
      steps: [
        ...foreign.map((send) => step(send, "6a82")),
        ...[step("00cadf3005", "6a88"), step("00cb3fff035c017e08", "6d00")],
        ...foreignAfterGetData.map((send) => step(send, "6a82")),
        step(select(aids.jpki), "9000"),
      ],
    },
    { id: "bind", about: "Every tool begins so.", steps: bind },
    {
      id: "dump",
      about: "pkcs15-tool --dump: the signature certificate is refused, and the tool goes on.",
      steps: [
        ...bind,
        ...readCertificate("000a", certificateSize.authentication),
        ...[step(selectFile("0001"), "9000"), step("00b00000 04", "6982")],
        ...readCertificate("000b", certificateSize.authenticationAuthority),
        ...readCertificate("0002", certificateSize.signatureAuthority),
      ],
    },
    {
      id: "read-signature-certificate",
      about: "pkcs15-tool --read-certificate 02 --verify-pin.",
      steps: [
        ...[...bind, ...good(selectFile("001b"), verify(signature))],
        ...readCertificate("0001", certificateSize.signature),
      ],
    },
    {
      id: "sign-authentication",
      about: "pkcs11-tool --sign --mechanism SHA256-RSA-PKCS --id 01.",
      steps: [...bind, ...signs("0018", authentication, "0017", "63c3")],
    },
    {
      id: "sign-signature",
      about: "The same with --id 02: the PIN is verified a second time, because the key asks for consent.",
      steps: [
        ...[...bind, ...good(selectFile("001b"), verify(signature))],
        ...signs("001b", signature, "001a", "63c5"),
      ],
    },
    {
      id: "wrong-pin",
      about: "pkcs11-tool with a wrong PIN until it is locked; then it still binds.",
      steps: [
        ...bind,
        ...["63c2", "63c1", "63c0"].flatMap((status) => [...good(selectFile("0018")), step(verify("9999"), status)]),
        ...[step(verify(authentication), "6984"), step(select(aids.jpki), "9000"), step(selectFile("0018"), "9000")],
        step("00200080", "63c0"),
      ],
    },
  ];
}

/** As myna 0.5 and 0.6 speak to a card. */
function mynaDialogues({ text, numberA, certificateSize: { authentication: size } }: KnownCard): Dialogue[] {
  const rest = (from: number) =>
    `00b0${byte(from >> 8)}${byte(from & 0xff)} ${byte(Math.min(256, size - from) & 0xff)}`;
  return [
    {
      id: "check",
      about: "Whether it is a My Number Card.",
      steps: good(select(aids.jpki), selectFile("0006"), selectFile("0006"), "00b00000 20"),
    },
    {
      id: "number",
      about: "The My Number: 17 bytes.",
      steps: good(select(aids.text), selectFile("0011"), verify(text), selectFile("0001"), "00b00000 11"),
    },
    {
      id: "attributes",
      about: "The attributes: seven bytes first, then all.",
      steps: good(
        select(aids.text),
        selectFile("0011"),
        verify(text),
        selectFile("0002"),
        "00b00000 07",
        "00b00000 00",
      ),
    },
    {
      id: "certificate",
      about: "Seven bytes first, then the rest from offset 7.",
      steps: good(
        ...[select(aids.jpki), selectFile("000a"), "00b00000 07"],
        ...Array.from({ length: Math.ceil((size - 7) / 256) }, (_, block) => rest(7 + 256 * block)),
      ),
    },
    {
      id: "pin-status",
      about: "The counters of three applications.",
      steps: [
        ...[step(select(aids.jpki), "9000"), step(selectFile("0018"), "9000"), step("00200080", "63c3")],
        ...[step(selectFile("001b"), "9000"), step("00200080", "63c5")],
        ...[step(select(aids.visual), "9000"), step(selectFile("0013"), "9000"), step("00200080", "63ca")],
        ...[step(selectFile("0012"), "9000"), step("00200080", "63ca")],
        ...[step(select(aids.text), "9000"), step(selectFile("0011"), "9000"), step("00200080", "63c3")],
        ...[step(selectFile("0014"), "9000"), step("00200080", "63ca")],
        ...[step(selectFile("0015"), "9000"), step("00200080", "63ca")],
      ],
    },
    {
      id: "face",
      about: "照合番号A from the My Number, then the face.",
      steps: good(select(aids.visual), selectFile("0013"), verify(numberA), selectFile("0002"), "00b00000 07"),
    },
    { id: "card-number", about: "共通カードAP by short identifier.", steps: good(select(aids.common), "00b2010c 00") },
  ];
}

/** The draft of the next card, in this simulator's own making. */
export function draftDialogues({ authentication, numberB }: KnownCard): Dialogue[] {
  const sha384 = hex(createHash("sha384").update(message).digest());
  const sign = `802a0297 30 ${sha384} 00`;
  return [
    {
      id: "authentication",
      about:
        "One PIN for the certificate's key, the My Number, the attributes and the record over them; ECDSA (RFC 6979).",
      steps: good(
        ...[select(draftAuthentication), readAll(0x06), readAll(0x0a), verifyFile(0x18, authentication)],
        ...[sign, `802a0397 ${byte(message.length)} ${hex(message)} 00`, ...[0x0c, 0x0d, 0x0e, 0x0f].map(readAll)],
      ),
      broken: [
        { id: "not-verified", about: "Before VERIFY.", after: 1, steps: [step(sign, "6982")] },
        { id: "closed", about: "The My Number before VERIFY.", after: 1, steps: [step(readAll(0x0c), "6982")] },
        {
          id: "rsa-mode",
          about: "A mode that only RSA has.",
          after: 4,
          steps: [step(`802a0097 30 ${sha384} 00`, "6a86")],
        },
        { id: "sha-256", about: "A SHA-256 digest.", after: 4, steps: [step(`802a0297 20 ${hex(digest)} 00`, "6700")] },
        {
          id: "present-card",
          about: "The present card's application.",
          after: 0,
          steps: [step(select(aids.jpki), "6a82")],
        },
      ],
    },
    {
      id: "face",
      about: "照合番号B opens the face, and the application's own key needs no PIN.",
      steps: good(select(draftFace), verifyFile(0x12, numberB), readAll(2), readAll(4), `802a0200 30 ${sha384} 00`),
      broken: [{ id: "my-number", about: "The picture of the My Number.", steps: [step(readAll(5), "6982")] }],
    },
  ];
}

/** A phone's token: the JPKI application alone, its authentication certificate behind the PIN. */
export function phoneDialogues(authentication: string, model: "android" | "iphone"): Dialogue[] {
  const lastCommand = step("80fc0000", model === "iphone" ? "9000" : "6700");
  return [
    {
      id: "token",
      about: "The label, and the certificate after the PIN.",
      steps: [...good(select(aids.jpki), readAll(0x06), verifyFile(0x18, authentication), readAll(0x0a)), lastCommand],
      broken: [
        {
          id: "not-verified",
          about: "The certificate before the PIN.",
          after: 1,
          steps: [step(readAll(0x0a), "6982")],
        },
        { id: "text", about: "券面事項入力補助AP is not there.", after: 0, steps: [step(select(aids.text), "6a82")] },
      ],
    },
  ];
}
