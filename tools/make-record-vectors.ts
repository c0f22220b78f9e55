/**
 * Writes vectors/jpki/records.json: what the issuer signed on the card in vectors/card/cards, good and each broken in one
 * way, with the code by which @xid/card refuses it. The same card gives the same file.
 *
 *   node tools/make-record-vectors.ts            write it
 *   node tools/make-record-vectors.ts --check    end with 1 when it is not as it would be written
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { birthNumber, connectCard, TextApplication, VisualApplication } from "@xid/card";
import { parseCardState, VirtualCard } from "@xid/card/virtual";

type Files = Record<string, Uint8Array>;
type Kind = "text" | "age" | "face" | "my-number-image";
type Vector = { id: string; kind: Kind; expect: object; files: Record<string, string> };

const vectors = join(import.meta.dirname, "..", "vectors");
const cards = join(vectors, "card", "cards");
/** Of the card in vectors/card/cards. */
const textPin = "5678";

const good = await readGood();
const refused = (code: string) => ({ code });
const notAuthentic = refused("NOT_AUTHENTIC");
const malformed = refused("MALFORMED_RESPONSE");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

async function readGood(): Promise<Record<Kind, Files>> {
  const state = parseCardState(JSON.parse(readFileSync(join(cards, "card.json"), "utf8")));
  const reader = await connectCard(new VirtualCard(state, { persist: () => undefined }));
  const text = await TextApplication.select(reader);
  await text.verifyPin(textPin);
  const [number, { birthdate }] = [await text.readMyNumber(), await text.readAttributes()];
  const signed = (await text.readSignedText({ myNumber: true, attributes: true })) as Files;
  const visual = await VisualApplication.select(reader);
  await visual.verifyNumber("A", number);
  await visual.verifyNumber("birthdate", birthNumber(birthdate));
  return {
    text: signed,
    age: await visual.readAgeRecord(),
    face: await visual.readFace(),
    "my-number-image": await visual.readMyNumberImage(),
  };
}

/** The byte at a place behind a tag, changed in one bit. */
function flip(file: Uint8Array, tag: string, offset: number): Uint8Array {
  const changed = Buffer.from(file);
  const at = changed.indexOf(Buffer.from(tag, "hex"));
  if (at < 0) throw new TypeError(`no object ${tag}`);
  changed[at + offset]! ^= 0x01;
  return changed;
}

const cut = (file: Uint8Array) => file.subarray(0, 40);
const retagged = (file: Uint8Array) => Buffer.concat([Buffer.from("ff7f", "hex"), file.subarray(2)]);

function* broken(kind: Kind): Generator<[string, Files, object]> {
  const files = good[kind];
  const file = kind === "text" ? "record" : "file";
  const other = kind === "text" ? good.face : good.text;
  yield ["of-another-template", { ...files, [file]: retagged(files[file]!) }, malformed];
  yield ["cut-off", { ...files, [file]: cut(files[file]!) }, malformed];
  yield ["certificate-of-another-application", { ...files, certificate: other.certificate! }, notAuthentic];
  yield [
    "certificate-with-another-key",
    { ...files, certificate: flip(files.certificate!, "91820100", 90) },
    notAuthentic,
  ];
  yield [
    "certificate-with-another-signature",
    { ...files, certificate: flip(files.certificate!, "5f37820100", 90) },
    notAuthentic,
  ];
  yield [
    "certificate-of-an-unknown-authority",
    { ...files, certificate: flip(files.certificate!, "5f4e820129", 5 + 15) },
    refused("ISSUER_UNKNOWN"),
  ];
  yield ["certificate-cut-off", { ...files, certificate: cut(files.certificate!) }, malformed];
  yield* brokenContents(kind, files);
}

function* brokenContents(kind: Kind, files: Files): Generator<[string, Files, object]> {
  if (kind === "text") {
    const { myNumber, attributes, record } = files as Required<Files>;
    const number = Buffer.from(myNumber!);
    number[14]! ^= 0x01;
    yield ["another-number", { ...files, myNumber: number }, notAuthentic];
    yield ["number-without-filler", { ...files, myNumber: myNumber!.subarray(0, 15) }, notAuthentic];
    for (const [name, tag] of [
      ["name", "df22"],
      ["address", "df23"],
      ["birthdate", "df24"],
      ["gender", "df25"],
    ]) {
      yield [
        `another-${name}`,
        { ...files, attributes: flip(attributes!, tag!, name === "gender" ? 3 : 5) },
        notAuthentic,
      ];
    }
    yield ["another-digest-of-the-number", { ...files, record: flip(record!, "df3120", 8) }, notAuthentic];
    yield ["another-digest-of-the-attributes", { ...files, record: flip(record!, "df3220", 8) }, notAuthentic];
    yield ["another-signature", { ...files, record: flip(record!, "df33820100", 60) }, notAuthentic];
    return;
  }
  const { file } = files as Required<Files>;
  const signed: Record<Exclude<Kind, "text">, [name: string, tag: string, offset: number][]> = {
    age: [
      ["birthdate", "df11", 5],
      ["signature", "df13", 60],
    ],
    face: [
      ["birthdate", "df22", 5],
      ["gender", "df23", 3],
      ["name", "df25", 60],
      ["address", "df26", 60],
      ["portrait", "df27", 90],
      ["signature", "df28", 60],
    ],
    "my-number-image": [
      ["image", "df41", 60],
      ["signature", "df43", 60],
    ],
  };
  for (const [name, tag, offset] of signed[kind]) {
    yield [`another-${name}`, { ...files, file: flip(file!, tag, offset) }, notAuthentic];
  }
}

function vectorsOf(kind: Kind): Vector[] {
  const present = (id: string, expect: object, files: Files): Vector => ({
    id: `${kind}/${id}`,
    kind,
    expect,
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, hex(bytes)])),
  });
  const bad = [...broken(kind)].map(([id, files, expect]) => present(id, expect, files));
  const one = present("good", { verified: true }, good[kind]);
  if (kind !== "text") return [one, ...bad];
  const { record, certificate, attributes, myNumber } = good.text as Required<Files>;
  return [
    one,
    present(
      "good-without-the-number",
      { verified: true },
      { record: record!, certificate: certificate!, attributes: attributes! },
    ),
    present(
      "good-without-attributes",
      { verified: true },
      { record: record!, certificate: certificate!, myNumber: myNumber! },
    ),
    ...bad,
  ];
}

const content = {
  authorities: JSON.parse(readFileSync(join(cards, "authorities.json"), "utf8")) as unknown,
  vectors: (Object.keys(good) as Kind[]).flatMap(vectorsOf),
};
const path = join(vectors, "jpki", "records.json");
const text = `${JSON.stringify(content, null, 2)}\n`;
const [option] = process.argv.slice(2);
if (option === undefined) {
  writeFileSync(path, text);
} else if (option !== "--check") {
  console.error("usage: node tools/make-record-vectors.ts [--check]");
  process.exitCode = 2;
} else if (readFileSync(path, "utf8") !== text) {
  console.error(`${path} is not what tools/make-record-vectors.ts writes`);
  process.exitCode = 1;
}
