import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  CardError,
  parseAgeRecord,
  parseAttributes,
  parseCardFace,
  parseCardInformation,
  parseCardVerifiableCertificate,
  parseMyNumber,
  parseMyNumberImage,
  parseTextBasicInformation,
  parseTokenInformation,
  parseVisualBasicInformation,
} from "@xid/card";
import { type CardState, parseCardState, VirtualCard } from "@xid/card/virtual";
import {
  buildOcspRequest,
  type Certificate,
  PkiError,
  parseCertificate,
  parseCrl,
  parseJpkiAuthenticationCertificate,
  parseJpkiSignatureCertificate,
  parseName,
  parseOcspRequest,
  parseTimestampRequest,
  parseTimestampResponse,
  timestampResponse,
  validatePdf,
  verifyCms,
  verifyCrl,
  verifyCrlStream,
  verifyOcspResponse,
  verifyPath,
  verifyTimestamp,
} from "@xid/pki";
import {
  distributionPoint,
  ecKeyPair,
  element,
  explicit,
  extension,
  objectIdentifier,
  ocspResponse,
  octetString,
  revoked,
  sequence,
  TestAuthority,
} from "@xid/pki/testing";
import { encodeTree, parseTree } from "./tag-tree.ts";

export type Target = {
  /** Where the code is that is to be covered: parts of file names. */
  files: readonly string[];
  seeds: () => Buffer[];
  /** Takes any bytes; throws only what is no finding, or something that is one. */
  run(bytes: Buffer): unknown;
};

export const isExpected = (error: unknown): boolean => error instanceof PkiError || error instanceof CardError;

/** A wrong result, where an exception would not show it. */
export class Finding extends Error {}

const vectors = join(import.meta.dirname, "..", "..", "vectors");
const read = (...path: string[]) => JSON.parse(readFileSync(join(vectors, ...path), "utf8"));
const vectorsOf = (file: string): Buffer[] =>
  read("jpki", file).vectors.map(({ der }: { der: string }) => Buffer.from(der, "base64"));
const pkits = (folder: string): Buffer[] =>
  readdirSync(join(vectors, "pkits", folder)).map((file) => readFileSync(join(vectors, "pkits", folder, file)));

const anchor = parseCertificate(Buffer.from(read("jpki", "crls.json").anchor, "base64"));
const leaf = parseCertificate(Buffer.from(read("jpki", "crls.json").certificate, "base64"));
const time = new Date(read("jpki", "crls.json").time);
const nonce = Buffer.from(read("jpki", "ocsp.json").nonce, "hex");

/** Signs whatever the fuzzer makes up, so that what is behind the signature is reached. On P-256, which is quick. */
const signing = new TestAuthority({ keys: ecKeyPair(), name: anchor.subject.der });
const issued = signing.issue({
  subject: leaf.subject.der,
  publicKey: signing.keys.publicKey,
  serial: 0x0234c4ab,
  extensions: [extension("2.5.29.31", false, distributionPoint(signing.name))],
});

const ofToday = { thisUpdate: time, nextUpdate: time };

/** From the content of the first element on. */
const contentOf = (der: Buffer): Buffer => der.subarray(der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f));

/** The first element inside: what is signed. */
function signedPart(der: Buffer): Buffer {
  const [first] = parseTree(contentOf(der)) ?? [];
  return first === undefined ? Buffer.alloc(0) : encodeTree([first]);
}

/** The signed parts of vectors, with the algorithm and key identifier of the authority that is to sign them. */
function toBeSigned(seeds: Buffer[]): Buffer[] {
  const changes = [
    [Buffer.from("300d06092a864886f70d01010b0500", "hex"), Buffer.from("300a06082a8648ce3d040302", "hex")],
    [anchor.extensions.subjectKeyIdentifier!, signing.certificate.extensions.subjectKeyIdentifier!],
  ] as const;
  return seeds.map((seed) => {
    const before = signedPart(seed).toString("latin1");
    const after = changes.reduce(
      (text, [from, to]) => text.replaceAll(from.toString("latin1"), to.toString("latin1")),
      before,
    );
    return sequence(contentOf(Buffer.from(after, "latin1")));
  });
}

async function streamed(bytes: Buffer, issuer: Certificate, at: Date, certificate: Certificate): Promise<unknown> {
  const middle = bytes.length >> 1;
  const chunks = [bytes.subarray(0, middle), bytes.subarray(middle)];
  return (await verifyCrlStream(chunks, { issuer, time: at, maxOctets: 1e6 })).status(certificate);
}

/** Whole or as a stream: accepted or refused alike. */
async function readList(bytes: Buffer, issuer: Certificate, at: Date, certificate: Certificate): Promise<void> {
  const whole = await outcome(() => verifyCrl(bytes, { issuer, time: at }).status(certificate));
  const stream = await outcome(() => streamed(bytes, issuer, at, certificate));
  const isIndirect =
    whole.accepted !== undefined && !stream.accepted && parseCrl(bytes).issuingDistributionPoint?.indirect === true;
  if (whole.accepted !== stream.accepted && !isIndirect) {
    throw new Finding(`as a whole ${whole.accepted ?? whole.code}, as a stream ${stream.accepted ?? stream.code}`);
  }
}

async function outcome(work: () => unknown): Promise<{ accepted?: string; code?: string }> {
  try {
    return { accepted: JSON.stringify(await work()) };
  } catch (error) {
    if (!isExpected(error)) throw error;
    return { code: (error as PkiError).code };
  }
}

function readCertificate(certificate: Certificate, anchors: Certificate[], at: Date): void {
  certificate.subject.toString();
  verifyPath({ certificate, intermediates: [certificate], anchors, time: at });
  if (certificate.policies.includes("1.2.392.200149.8.5.1.3.30")) parseJpkiAuthenticationCertificate(certificate);
  else parseJpkiSignatureCertificate(certificate);
}

const pki = (...names: string[]) => names.map((name) => `/packages/pki/src/${name}`);
const reading = pki(
  "der/reader.ts",
  "der/oid.ts",
  "der/time.ts",
  "string.ts",
  "name.ts",
  "general-name.ts",
  "algorithm.ts",
);
const certificateFiles = [
  ...reading,
  ...pki("certificate.ts", "certificate-profile.ts", "extensions.ts", "distribution-point.ts", "name-constraints"),
  ...pki(
    "name-forms.ts",
    "path.ts",
    "path-search.ts",
    "policy-graph.ts",
    "public-key.ts",
    "rsa-signature.ts",
    "jpki-profile.ts",
  ),
];
const crlFiles = [
  ...reading,
  ...pki("crl.ts", "crl-entries.ts", "crl-scope.ts", "crl-signature.ts", "crl-stream.ts", "verified-crl.ts"),
  ...pki("distribution-point.ts", "revoked-serials.ts", "serial-bitmap.ts", "serial-hash-table.ts"),
];
const ocspFiles = [...reading, ...pki("ocsp.ts", "ocsp-response.ts", "certificate.ts", "extensions.ts")];
const cardParsers = [
  ...[parseMyNumber, parseAttributes, parseTextBasicInformation, parseVisualBasicInformation, parseAgeRecord],
  ...[parseCardFace, parseMyNumberImage, parseCardVerifiableCertificate, parseTokenInformation, parseCardInformation],
];

const pdfVectors = read("pdf", "pdfs.json") as {
  time: string;
  anchor: string;
  crl: string;
  vectors: { file: string }[];
};
const signatureAnchor = parseCertificate(Buffer.from(pdfVectors.anchor, "base64"));
const signedContent = Buffer.from(read("cms", "cms.json").content, "base64");
const signatureVectors = (...path: string[]): Buffer[] =>
  read(...path).vectors.map(({ der }: { der: string }) => Buffer.from(der, "base64"));
const signedPdfs = pdfVectors.vectors.map(({ file }) => readFileSync(join(vectors, "pdf", file)));

export const targets: Readonly<Record<string, Target>> = {
  certificate: {
    files: certificateFiles,
    seeds: () => [...vectorsOf("certificates.json"), ...pkits("certs")],
    run: (bytes) => readCertificate(parseCertificate(bytes), [anchor], time),
  },
  "certificate-signed": {
    files: certificateFiles,
    seeds: () => [
      signedPart(issued.der),
      signedPart(signing.certificate.der),
      ...toBeSigned(vectorsOf("certificates.json").filter(({ length }) => length > 500)),
    ],
    run: (bytes) => readCertificate(parseCertificate(signing.signed(bytes)), [signing.certificate], time),
  },
  crl: {
    files: crlFiles,
    seeds: () => [...vectorsOf("crls.json"), ...pkits("crls")],
    run: (bytes) => readList(bytes, anchor, time, leaf),
  },
  "crl-signed": {
    files: crlFiles,
    seeds: () => [
      signedPart(signing.crl(ofToday)),
      signedPart(
        signing.crl({ ...ofToday, entries: [revoked(issued.serialNumber, 4), revoked(Buffer.alloc(20, 1), 1)] }),
      ),
      ...toBeSigned(vectorsOf("crls.json").filter(({ length }) => length > 300)),
    ],
    run: (bytes) => readList(signing.signed(bytes), signing.certificate, time, issued),
  },
  ocsp: {
    files: ocspFiles,
    seeds: () => vectorsOf("ocsp.json"),
    run: (bytes) => verifyOcspResponse(bytes, { certificate: leaf, issuer: anchor, time, nonce, maxAge: 3600 }),
  },
  "ocsp-signed": {
    files: ocspFiles,
    seeds: () => {
      const about = { certificate: issued, issuer: signing.certificate, thisUpdate: time };
      const answers = [about, { ...about, status: element(0xa1, element(0x18, Buffer.from("20261120060000Z"))) }];
      return answers.map((answer) => {
        const response = ocspResponse(signing, { answers: [answer], nonce, time });
        const at = response.indexOf(Buffer.from("2b0601050507300101", "hex")) + 9;
        return signedPart(contentOf(response.subarray(at)));
      });
    },
    run: (bytes) => {
      const input = { certificate: issued, issuer: signing.certificate, time, nonce, maxAge: 3600 };
      return verifyOcspResponse(wrapOcsp(signing.signed(bytes)), input);
    },
  },
  "ocsp-request": {
    files: pki("parse-ocsp-request.ts", "der/reader.ts", "der/oid.ts"),
    seeds: () =>
      [{}, { nonce }].map((more) => Buffer.from(buildOcspRequest({ certificate: leaf, issuer: anchor, ...more }))),
    run: (bytes) => parseOcspRequest(bytes),
  },
  cms: {
    files: [...reading, ...pki("cms/", "signature.ts", "public-key.ts", "rsa-signature.ts")],
    seeds: () => signatureVectors("cms", "cms.json"),
    run: (bytes) => {
      for (const input of [{}, { content: signedContent }]) {
        try {
          const { content } = verifyCms(bytes, { ...input, certificates: [signatureAnchor] });
          if (content !== undefined && !content.equals(signedContent)) throw new Finding("another content verified");
        } catch (error) {
          if (!isExpected(error)) throw error;
        }
      }
    },
  },
  timestamp: {
    files: [...reading, ...pki("cms/", "timestamp/", "revocation-evidence.ts")],
    seeds: () => {
      const tokens = signatureVectors("timestamp", "timestamps.json");
      return [...tokens, ...tokens.slice(0, 2).map((token) => Buffer.from(timestampResponse(token)))];
    },
    run: (bytes) => {
      for (const parse of [parseTimestampRequest, parseTimestampResponse]) {
        try {
          parse(bytes);
        } catch (error) {
          if (!isExpected(error)) throw error;
        }
      }
      const time = new Date(read("timestamp", "timestamps.json").time);
      const stamp = verifyTimestamp(bytes, {
        content: signedContent,
        anchors: [signatureAnchor],
        time,
        revocation: "unchecked",
      });
      if (stamp.time > time) throw new Finding("a time of the future");
    },
  },
  pdf: {
    files: pki("pdf/"),
    seeds: () => signedPdfs,
    run: (bytes) => {
      const { time, crl } = pdfVectors;
      const verdicts = validatePdf(bytes, {
        anchors: [signatureAnchor],
        timestampAnchors: [signatureAnchor],
        time: new Date(time),
        revocation: { ocspResponses: [], crls: [Buffer.from(crl, "base64")], maxAge: 86_400 },
      });
      for (const { indication, signedLength } of verdicts) {
        if (indication !== "TOTAL_PASSED") continue;
        // What was there before the first signature: the page.
        const begin = bytes.subarray(0, Math.min(signedLength!, 600));
        if (!signedPdfs.some((pdf) => pdf.subarray(0, begin.length).equals(begin))) {
          throw new Finding("a changed file passed");
        }
      }
    },
  },
  name: {
    files: pki("name.ts", "string.ts", "der/reader.ts", "der/oid.ts"),
    seeds: () => [anchor.subject.der, leaf.subject.der, issued.subject.der],
    run: (bytes) => {
      const parsed = parseName(bytes);
      parsed.toString();
      if (!parsed.equals(parsed)) throw new Finding("a name that is not itself");
    },
  },
  "card-files": {
    files: [
      "basic-information.ts",
      "text-files.ts",
      "visual-files.ts",
      "tlv.ts",
      "common.ts",
      "token-information.ts",
    ].map((name) => `/packages/card/src/${name}`),
    seeds: () => cardFiles(),
    run: (bytes) => {
      for (const parse of cardParsers) {
        try {
          parse(bytes);
        } catch (error) {
          if (!isExpected(error)) throw error;
        }
      }
    },
  },
  apdu: {
    files: ["/packages/card/src/virtual/", "/packages/card/src/apdu.ts"],
    seeds: dialogues,
    run: (bytes) => converse(bytes),
  },
};

/** A successful response around the basic one. */
const wrapOcsp = (basic: Buffer): Buffer =>
  sequence(
    element(0x0a, Buffer.of(0)),
    explicit(0, sequence(objectIdentifier("1.3.6.1.5.5.7.48.1.1"), octetString(basic))),
  );

/** Everything that is read from the cards of `vectors/card`. */
function cardFiles(): Buffer[] {
  return card.applications.flatMap(({ files }) =>
    Object.values(files).flatMap((file) =>
      "content" in file && file.content ? [Buffer.from(file.content, "base64").subarray(0, 3000)] : [],
    ),
  );
}

const card: CardState = parseCardState(read("card", "cards", "card.json"));

/** Commands, each behind two octets of its length. */
function dialogues(): Buffer[] {
  return ["selection", "files", "pins", "signatures", "records", "secure-messaging", "opensc", "myna"].flatMap((file) =>
    read("card", `${file}.json`).dialogues.map(({ exchanges }: { exchanges: { command: string }[] }) =>
      Buffer.concat(
        exchanges.slice(0, 12).map(({ command }) => {
          const apdu = Buffer.from(command, "hex");
          return Buffer.concat([Buffer.of(apdu.length >> 8, apdu.length & 0xff), apdu]);
        }),
      ),
    ),
  );
}

/** A card takes any commands, answers each, and is afterwards in a state that a card can be in. */
function converse(bytes: Buffer): void {
  let state = card;
  const virtual = new VirtualCard(state, {
    persist(next) {
      state = next;
    },
  });
  virtual.powerOn();
  for (let at = 0, commands = 0; at + 2 <= bytes.length && commands < 20; commands++) {
    const length = bytes.readUInt16BE(at);
    const answer = virtual.transmit(bytes.subarray(at + 2, at + 2 + length));
    if (answer.length < 2 || (answer[answer.length - 2]! >> 4 !== 6 && answer[answer.length - 2]! >> 4 !== 9)) {
      throw new Finding(`an answer without status word: ${Buffer.from(answer).toString("hex")}`);
    }
    at += 2 + length;
  }
  verifySameCard(parseCardState(JSON.parse(JSON.stringify(state))));
}

/** No command changes more than the tries and the values of PINs, and what is made at its first use. */
function verifySameCard({ applications }: CardState): void {
  for (const [index, { identifier, files }] of card.applications.entries()) {
    const after = applications[index];
    if (after?.identifier !== identifier || !isDeepStrictEqual(Object.keys(after.files), Object.keys(files))) {
      throw new Finding(`other files in ${identifier}`);
    }
    for (const [name, file] of Object.entries(files)) {
      const now = after.files[name]!;
      const same = file.kind === "pin" && now.kind === "pin" ? { ...now, tries: file.tries, value: file.value } : now;
      if (file.kind !== "first-use" && !isDeepStrictEqual(same, file))
        throw new Finding(`${identifier} ${name} changed`);
    }
  }
}
