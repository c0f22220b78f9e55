import { sign } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimestampSource } from "../cms/signed-data.ts";
import { verifyCms } from "../cms/verify-cms.ts";
import { PkiError, type PkiErrorCode } from "../pki-error.ts";
import {
  ecKeyPair,
  type KeyPair,
  name,
  now,
  ocspResponse,
  revoked,
  rsaKeyPair,
  signatureUsage,
  TestAuthority,
} from "../testing/authority.ts";
import { hasOpenssl, inFolder, pem } from "../testing/openssl.ts";
import { appendRevision, testPdf, testPdfWithStreams } from "../testing/test-pdf.ts";
import { TestTimestampAuthority } from "../testing/timestamp-authority.ts";
import { hasTool, runTool } from "../testing/tools.ts";
import { addValidationData } from "./add-validation-data.ts";
import { verifyByteRange } from "./byte-range.ts";
import { formFields } from "./form-fields.ts";
import { inspectPdf } from "./inspect-pdf.ts";
import { PdfFile } from "./pdf-file.ts";
import { addSignatureFields, draftPdfSignature, type PdfSignatureInput, signPdf, timestampPdf } from "./sign-pdf.ts";
import { type PdfValidationInput, type SubIndication, validatePdf, verifyPdf } from "./validate-pdf.ts";

const root = new TestAuthority({ keys: rsaKeyPair(), name: name(["2.5.4.3", "PDF root"]) });
const stamper = new TestTimestampAuthority(root);
const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000);

function signerOf(algorithm: "ES256" | "RS256", keys: KeyPair, commonName: string, of = root) {
  const subject = name(["2.5.4.3", commonName]);
  const certificate = of.issue({ subject, publicKey: keys.publicKey, extensions: [signatureUsage] });
  const by: PdfSignatureInput = {
    certificate: certificate.der,
    furtherCertificates: [of.certificate.der],
    algorithm,
    sign: async (bytes) => sign("sha256", bytes, keys.privateKey),
    signingTime: now,
  };
  return { by, certificate };
}

const ec = signerOf("ES256", ecKeyPair(), "Hanako");
const rsa = signerOf("RS256", rsaKeyPair(), "Taro");
const crl = root.crl({ thisUpdate: now, nextUpdate: new Date("2026-11-20T00:00:00Z") });
const answers = [ec, rsa, stamper].map(({ certificate }) =>
  ocspResponse(root, {
    answers: [{ certificate, issuer: root.certificate, thisUpdate: minutes(1) }],
    time: minutes(1),
  }),
);
const input: PdfValidationInput = {
  anchors: [root.certificate],
  timestampAnchors: [root.certificate],
  time: minutes(10),
  revocation: { ocspResponses: [], crls: [crl], maxAge: 86_400 },
};
const withoutEvidence: PdfValidationInput = { ...input, revocation: { ocspResponses: [], crls: [], maxAge: 86_400 } };
const appearance = {
  page: 0,
  rectangle: [300, 60, 520, 120] as const,
  content: Buffer.from("0.9 g 0 0 220 60 re f BT 0 g /F1 12 Tf 10 25 Td (Signed by Hanako) Tj ET"),
  resources: Buffer.from("<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"),
};
const timestamp: TimestampSource = stamper.at(minutes(1));
const plain = testPdf();
const signed = await signPdf(plain, { ...ec.by, reason: "承認", location: "Tokyo (JP)" });
const stamped = await signPdf(plain, { ...ec.by, timestamp });
const longTerm = addValidationData(stamped, { certificates: [root.certificate.der], ocspResponses: answers, crls: [] });
const archived = await timestampPdf(longTerm, stamper.at(minutes(5)));

const refused = (code: PkiErrorCode) => expect.objectContaining({ name: "PkiError", code });
const only = (pdf: Uint8Array, changes: Partial<PdfValidationInput> = {}) =>
  validatePdf(pdf, { ...input, ...changes })[0]!;

describe("levels", () => {
  test("B-B: the signature passes and covers the whole file, of which every octet stayed", () => {
    expect(Buffer.from(signed.subarray(0, plain.length))).toEqual(plain);
    const [verdict, ...others] = verifyPdf(signed, input);
    expect(others).toEqual([]);
    expect(verdict).toMatchObject({ fieldName: "Signature1", indication: "TOTAL_PASSED", coversWholeFile: true });
    expect(verdict!.certificate!.der).toEqual(ec.certificate.der);
    expect(verdict!.signedLength).toBe(signed.length);
  });

  test("B-T: the time stamp says since when it exists", () => {
    expect(verifyPdf(stamped, input)[0]).toMatchObject({ existedAt: minutes(1), timestampReason: undefined });
  });

  test("B-LT: nothing else is needed, and long after the evidence has ended", () => {
    expect(only(stamped, withoutEvidence)).toMatchObject({ indication: "INDETERMINATE", subIndication: "TRY_LATER" });
    const later = { ...withoutEvidence, time: new Date("2029-06-01T00:00:00Z") };
    const [verdict] = verifyPdf(longTerm, later);
    expect(verdict).toMatchObject({ existedAt: minutes(1), coversWholeFile: false });
    expect(verdict!.laterChanges.map(({ kind }) => kind)).toEqual(["validation_data"]);
    expect(verdict!.revocation).toMatchObject([{ source: "ocsp", thisUpdate: minutes(1) }]);
  });

  test("B-LTA: the document time stamp is over everything before it", () => {
    const verdicts = verifyPdf(archived, withoutEvidence);
    expect(verdicts.map(({ kind, coversWholeFile }) => [kind, coversWholeFile])).toEqual([
      ["signature", false],
      ["timestamp", true],
    ]);
    expect(verdicts[1]!.existedAt).toEqual(minutes(5));
    expect(verdicts[0]!.laterChanges.map(({ kind }) => kind)).toEqual(["validation_data", "timestamp"]);
  });

  test("a file with object and cross-reference streams is signed in its own way", async () => {
    const packed = testPdfWithStreams();
    const twice = await signPdf(await signPdf(packed, ec.by), { ...rsa.by, timestamp });
    expect(verifyPdf(twice, input).map(({ fieldName }) => fieldName)).toEqual(["Signature1", "Signature2"]);
    expect(Buffer.from(twice.subarray(packed.length)).includes("/Type /XRef")).toBe(true);
  });

  test("a visible signature that was there first stays good below a further invisible one", async () => {
    const visible = await signPdf(plain, { ...ec.by, appearance });
    const both = await signPdf(visible, rsa.by);
    const verdicts = verifyPdf(both, input);
    expect(verdicts[0]!.laterChanges.map(({ kind }) => kind)).toEqual(["signature"]);
  });

  test("a further signature that shows itself where nothing was foreseen must be allowed", async () => {
    const both = await signPdf(signed, { ...rsa.by, appearance });
    expect(() => verifyPdf(both, input)).toThrow(refused("CHANGED_LATER"));
    const allowedChanges = ["signature", "visible_signature"] as const;
    expect(verifyPdf(both, { ...input, allowedChanges })[0]!.laterChanges).toMatchObject([
      { kind: "visible_signature" },
    ]);
  });

  test("a document time stamp carries a signature over the end of its certificate", async () => {
    const time = new Date("2031-06-01T00:00:00Z");
    expect(only(archived, { ...withoutEvidence, time }).indication).toBe("INDETERMINATE");
  });

  test("a certificate that was revoked after the time stamp was not at the signature; before it, it was", () => {
    const entry = revoked(ec.certificate.serialNumber, 4);
    const crls = [root.crl({ entries: [entry], thisUpdate: now, nextUpdate: new Date("2026-11-20T00:00:00Z") })];
    const revocation = { ...input.revocation!, crls };
    // Revoked on 31 October, signed on 1 November.
    expect(only(stamped, { revocation })).toMatchObject({ indication: "TOTAL_FAILED", subIndication: "REVOKED" });
    expect(only(signed, { revocation })).toMatchObject({
      indication: "INDETERMINATE",
      subIndication: "REVOKED_NO_POE",
    });
  });
});

describe("places that are foreseen", () => {
  const fields = [
    { fieldName: "buyer", page: 0, rectangle: [300, 60, 400, 120] },
    { fieldName: "seller", page: 0, rectangle: [410, 60, 510, 120] },
  ] as const;
  const prepared = addSignatureFields(plain, fields);

  test("are filled by one signer after the other, whose seals spoil nothing that was signed", async () => {
    const buyer = await signPdf(prepared, {
      ...ec.by,
      fieldName: "buyer",
      appearance: { ...appearance, ...fields[0] },
    });
    const both = await signPdf(buyer, { ...rsa.by, fieldName: "seller", appearance: { ...appearance, ...fields[1] } });
    const verdicts = verifyPdf(both, input);
    expect(verdicts.map(({ fieldName }) => fieldName)).toEqual(["buyer", "seller"]);
    expect(verdicts[0]!.laterChanges.map(({ kind }) => kind)).toEqual(["signature"]);
  });

  test("are not made twice, nor filled twice", async () => {
    expect(() => addSignatureFields(prepared, fields)).toThrow(refused("PROFILE"));
    const buyer = await signPdf(prepared, { ...ec.by, fieldName: "buyer" });
    await expect(signPdf(buyer, { ...rsa.by, fieldName: "buyer" })).rejects.toEqual(refused("PROFILE"));
  });

  test("spoil what was signed before, when they come later and are filled", async () => {
    const late = await signPdf(addSignatureFields(signed, fields), { ...rsa.by, fieldName: "seller", appearance });
    expect(() => verifyPdf(late, input)).toThrow(refused("CHANGED_LATER"));
  });
});

describe("a draft for a key that is elsewhere", () => {
  const { sign: signHere, timestamp: _, ...by } = ec.by;
  const attribute = { type: "2.25.1", value: Buffer.from("040100", "hex") };

  test("is the same each time, and becomes the very file that signing at once makes", async () => {
    const [one, other] = [0, 1].map(() => draftPdfSignature(plain, { ...by, withTimestamp: false })) as [
      ReturnType<typeof draftPdfSignature>,
      ReturnType<typeof draftPdfSignature>,
    ];
    expect(Buffer.from(one.pdf)).toEqual(Buffer.from(other.pdf));
    expect(one.toBeSigned).toEqual(other.toBeSigned);
    const finished = await one.finish(await signHere(one.toBeSigned));
    expect(verifyPdf(finished, input)[0]).toMatchObject({ indication: "TOTAL_PASSED", coversWholeFile: true });
  });

  test("takes no signature over something else", async () => {
    const draft = draftPdfSignature(plain, { ...by, withTimestamp: false });
    const signature = await signHere(Buffer.from("something else"));
    await expect(draft.finish(signature)).rejects.toEqual(refused("SIGNATURE_INVALID"));
  });

  test("signs further attributes with the others", async () => {
    const draft = draftPdfSignature(plain, { ...by, furtherAttributes: [attribute], withTimestamp: false });
    expect(Buffer.from(draft.toBeSigned).includes(attribute.value)).toBe(true);
    const finished = await draft.finish(await signHere(draft.toBeSigned));
    expect(verifyPdf(finished, input)[0]!.indication).toBe("TOTAL_PASSED");
  });
});

describe("inspecting a file", () => {
  test("tells its pages and signatures", () => {
    expect(inspectPdf(plain)).toEqual({ pages: 1, signatures: 0 });
    expect(inspectPdf(archived)).toEqual({ pages: 1, signatures: 2 });
  });

  test.each<[string, Buffer, PkiErrorCode]>([
    [
      "that is encrypted",
      Buffer.from(plain.toString("latin1").replace("/Root", "/Encrypt 9 0 R/Root"), "latin1"),
      "UNSUPPORTED",
    ],
    ["that is cut off", plain.subarray(0, 300), "MALFORMED"],
    ["that is none", Buffer.from("<html>"), "MALFORMED"],
    [
      "without pages",
      Buffer.from(plain.toString("latin1").replace("/Kids[3 0 R]", "/Kids[]     "), "latin1"),
      "PROFILE",
    ],
  ])("refuses one %s", (_, pdf, code) => {
    expect(() => inspectPdf(pdf)).toThrow(refused(code));
  });
});

/** The revision that the signature is in, with its text changed and everything else in place. */
const replaced = (pdf: Uint8Array, from: string, to: string): Buffer => {
  const text = Buffer.from(pdf).toString("latin1");
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to), "latin1");
};
const length = (text: string) => `<</Length ${text.length}>>\nstream\n${text}\nendstream`;
const catalogOf = (pdf: Uint8Array): string =>
  [
    ...Buffer.from(pdf)
      .toString("latin1")
      .matchAll(/\n1 0 obj\n(.*)\nendobj/g),
  ].at(-1)![1]!;
const evil = "BT /F1 24 Tf 72 700 Td (1,000,000 yen) Tj ET";

describe("changed after it was signed", () => {
  const catalog = catalogOf(signed);
  const page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 20 0 R/Resources<</Font<</F1 5 0 R>>>>>>";
  const withAnnotation = [
    ...Buffer.from(signed)
      .toString("latin1")
      .matchAll(/\n3 0 obj\n(.*)\nendobj/g),
  ].at(-1)![1]!;
  test.each<[string, Buffer]>([
    ["the content of a page", appendRevision(signed, { 4: length(evil) })],
    ["a page that has other content", appendRevision(signed, { 3: page, 20: length(evil) })],
    [
      "another tree of pages in the catalog",
      appendRevision(signed, { 1: catalog.replace("/Pages 2 0 R", "/Pages 21 0 R") }),
    ],
    ["another catalog", appendRevision(signed, { 30: catalog }, "/Root 30 0 R")],
    ["a font that shows other letters", appendRevision(signed, { 5: "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>" })],
    [
      "an action when it is opened",
      appendRevision(signed, { 1: catalog.replace("<<", "<</OpenAction 40 0 R"), 40: "<<>>" }),
    ],
    [
      "an annotation that covers the page",
      appendRevision(signed, {
        3: withAnnotation.replace(/\/Annots \[(.*?)\]/, "/Annots [$1 50 0 R ]"),
        50: "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 800]/Contents(1,000,000 yen)>>",
      }),
    ],
    ["an object that belongs to nothing", appendRevision(signed, { 60: "<<>>" })],
    [
      "an object without a cross-reference beside one that has it",
      appendRevision(signed, {
        1: catalog.replace("<<", "<</DSS 60 0 R"),
        60: `<<>>\nendobj\n4 0 obj\n${length(evil)}`,
      }),
    ],
  ])("%s is refused", (_, pdf) => {
    const verdict = only(pdf);
    expect(verdict).toMatchObject({ indication: "TOTAL_FAILED", subIndication: "FORMAT_FAILURE" });
    expect(() => verifyPdf(pdf, input)).toThrow(refused("CHANGED_LATER"));
  });

  test("bytes behind the end are refused", () => {
    const longer = Buffer.concat([signed, Buffer.from(`4 0 obj\n${length(evil)}\nendobj\n`)]);
    expect(() => verifyPdf(longer, input)).toThrow(refused("MALFORMED"));
    expect(() => verifyPdf(Buffer.concat([signed, Buffer.from("\n")]), input)).toThrow(refused("MALFORMED"));
  });

  test("content that was prepared before and put in its place afterwards is refused", async () => {
    const prepared = await signPdf(testPdf("Contract", [length(`4 0 obj\n${length(evil)}\nendobj\n`)]), ec.by);
    const hidden = Buffer.from(prepared).lastIndexOf("4 0 obj");
    // The cross-reference leads to what was signed, only elsewhere.
    const swapped = replaced(appendRevision(prepared, { 4: "null" }), "4 0 obj\nnull\nendobj\n", "");
    const text = swapped.toString("latin1");
    const at = text.lastIndexOf("4 1\n") + 4;
    const pointed = `${text.slice(0, at)}${String(hidden).padStart(10, "0")}${text.slice(at + 10)}`;
    const start = pointed.lastIndexOf("xref\n4 1");
    const final = Buffer.from(pointed.replace(/startxref\n[0-9]+\n%%EOF\n$/, `startxref\n${start}\n%%EOF\n`), "latin1");
    expect(() => verifyPdf(final, input)).toThrow(refused("CHANGED_LATER"));
  });

  test("an object that was missing when it was signed and is there later is refused", async () => {
    const page = "<</Type/Catalog/Pages 2 0 R/Names 70 0 R>>";
    const prepared = await signPdf(testPdf("Contract", [], page), ec.by);
    const crafted = appendRevision(prepared, {
      1: catalogOf(prepared).replace("<<", "<</DSS 71 0 R"),
      70: length("certificate"),
      71: "<</Certs[70 0 R]>>",
    });
    expect(() => verifyPdf(crafted, input)).toThrow(refused("CHANGED_LATER"));
  });

  test("a stream that goes on behind what was signed is refused", async () => {
    const catalog = "<</Type/Catalog/Pages 2 0 R/Names 6 0 R>>";
    const open = (octets: number) => `<</Length ${String(octets).padStart(9, "0")}>>\nstream\nBT`;
    const ending = { 60: "<</Type/XRef/Length 4>>\nstream\nevil\nendstream" };
    const made = async (octets: number) =>
      appendRevision(await signPdf(testPdf("x", [open(octets)], catalog), ec.by), ending);
    const text = (await made(0)).toString("latin1");
    const start = text.indexOf("stream\nBT", text.indexOf("6 0 obj")) + "stream\n".length;
    const pdf = await made(text.lastIndexOf("\nendstream") - start);
    expect(() => verifyPdf(pdf, input)).toThrow(/object 6 goes on behind what was signed/);
  });

  test("a field that is filled in is refused unless it is allowed", async () => {
    const field = "<</FT/Tx/T(amount)/Type/Annot/Subtype/Widget/Rect[10 10 90 30]/P 3 0 R>>";
    const form = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>";
    const prepared = await signPdf(testPdf("Contract", [field], form), ec.by);
    const filled = appendRevision(prepared, { 6: field.replace("/P", "/V(100)/P") });
    expect(() => verifyPdf(filled, input)).toThrow(refused("CHANGED_LATER"));
    const allowedChanges = ["form_fill"] as const;
    expect(verifyPdf(filled, { ...input, allowedChanges })[0]!.laterChanges).toMatchObject([{ kind: "form_fill" }]);
    const moved = appendRevision(prepared, { 6: field.replace("90 30", "900 300") });
    expect(() => verifyPdf(moved, { ...input, allowedChanges })).toThrow(refused("CHANGED_LATER"));
  });
});

describe("broken in one way", () => {
  const range = /\/ByteRange \[0 ([0-9]+) ([0-9]+) ([0-9]+) *\]/;
  const ranged = (to: (gap: number, after: number, rest: number) => string): Buffer => {
    const text = Buffer.from(signed).toString("latin1");
    const [whole, gap, after, rest] = range.exec(text)!;
    const replacement = `/ByteRange ${to(Number(gap), Number(after), Number(rest))}`.padEnd(whole.length);
    return Buffer.from(text.replace(whole, replacement.slice(0, whole.length)), "latin1");
  };
  test.each<[string, SubIndication, Buffer]>([
    ["a text inside the signed range", "HASH_FAILURE", replaced(signed, "(Contract)", "(Contrast)")],
    ["a range that does not begin with the file", "FORMAT_FAILURE", ranged((g, a, r) => `[1 ${g - 1} ${a} ${r}]`)],
    ["a gap that is longer than Contents", "FORMAT_FAILURE", ranged((g, a, r) => `[0 ${g - 1} ${a} ${r}]`)],
    ["a gap that ends later", "FORMAT_FAILURE", ranged((g, a, r) => `[0 ${g} ${a + 1} ${r - 1}]`)],
    ["an end before the end of the revision", "FORMAT_FAILURE", ranged((g, a, r) => `[0 ${g} ${a} ${r - 20}]`)],
    ["two gaps", "FORMAT_FAILURE", ranged((g, a) => `[0 ${g} ${a} 1 ${a + 9} 1]`)],
    ["a signature of nothing", "FORMAT_FAILURE", replaced(signed, "/Contents <30", "/Contents <00")],
    ["something behind the signature in Contents", "FORMAT_FAILURE", replaced(signed, "000>", "001>")],
    [
      "another kind of signature",
      "SIG_CONSTRAINTS_FAILURE",
      replaced(signed, "ETSI.CAdES.detached", "ETSI.CAdES.attached"),
    ],
  ])("%s is %s", (_, subIndication, pdf) => {
    expect(only(pdf).subIndication).toBe(subIndication);
    expect(() => verifyPdf(pdf, input)).toThrow(PkiError);
  });

  test.each<[string, SubIndication, Partial<PdfValidationInput>]>([
    [
      "an unknown root",
      "NO_CERTIFICATE_CHAIN_FOUND",
      { anchors: [new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "x"]) }).certificate] },
    ],
    ["no anchors", "NO_CERTIFICATE_CHAIN_FOUND", { anchors: [] }],
    ["no evidence of revocation", "TRY_LATER", withoutEvidence],
    ["the end of the certificate", "OUT_OF_BOUNDS_NO_POE", { time: new Date("2031-01-01T00:00:00Z") }],
    ["the time before the certificate", "NOT_YET_VALID", { time: new Date("2025-01-01T00:00:00Z") }],
  ])("%s is %s", (_, subIndication, changes) => {
    expect(only(signed, changes).subIndication).toBe(subIndication);
  });

  test("a file that nobody signed, and one with a time stamp only, is refused", async () => {
    expect(() => verifyPdf(plain, input)).toThrow(refused("NO_SIGNATURE"));
    expect(() => verifyPdf(replaced(plain, "/Root", "/Encrypt 9 0 R/Root"), input)).toThrow(PkiError);
    const only = await timestampPdf(plain, timestamp);
    expect(() => verifyPdf(only, input)).toThrow(refused("NO_SIGNATURE"));
  });

  test("a signature that is longer than its space is not put in", async () => {
    const long = async () => Buffer.alloc(60_000);
    await expect(timestampPdf(plain, long)).rejects.toMatchObject({ code: "TOO_COMPLEX" });
  });
});

test("a changed octet anywhere in what was signed is refused", () => {
  const text = Buffer.from(signed).toString("latin1");
  const [gap, after] = [text.indexOf("/Contents <") + 10, text.indexOf(">", text.indexOf("/Contents <")) + 1];
  const place = fc.oneof(fc.nat(gap - 1), fc.integer({ min: after, max: signed.length - 1 }));
  fc.assert(
    fc.property(place, fc.nat(7), (at, bit) => {
      const changed = Buffer.from(signed);
      changed[at]! ^= 1 << bit;
      expect(() => verifyPdf(changed, input)).toThrow(PkiError);
    }),
    { numRuns: 1500 },
  );
});

test("any bytes give a result or PkiError", () => {
  const seeds = [archived, signed, testPdfWithStreams()];
  const change = fc.record({ at: fc.nat(), to: fc.nat(255), length: fc.nat(20) });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(change, { maxLength: 4 }), (seed, changes) => {
      let bytes = Buffer.from(seed);
      for (const { at, to, length } of changes) {
        const position = at % bytes.length;
        if (length > 10) bytes = Buffer.concat([bytes.subarray(0, position), bytes.subarray(position + length)]);
        else bytes[position] = to;
      }
      try {
        validatePdf(bytes, input);
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(() => validatePdf(Buffer.from(`%PDF-1.7\n${text}\nstartxref\n9\n%%EOF`), input)).toThrow(PkiError);
    }),
  );
});

describe("other judges", () => {
  const files = { "b-b.pdf": signed, "b-t.pdf": stamped, "b-lt.pdf": longTerm, "b-lta.pdf": archived };

  test.skipIf(!hasTool("pdfsig") || !hasTool("certutil"))(
    "pdfsig finds all signatures valid and the whole document signed",
    async () => {
      const rs256 = await signPdf(plain, { ...rsa.by, appearance });
      const packed = await signPdf(testPdfWithStreams(), ec.by);
      inFolder(
        { ...files, "rs256.pdf": rs256, "packed.pdf": packed, "root.pem": pem("CERTIFICATE", root.certificate.der) },
        (_, folder) => {
          const database = join(folder, "nss");
          mkdirSync(database);
          runTool(folder, "certutil", ["-N", "-d", `sql:${database}`, "--empty-password"]);
          runTool(folder, "certutil", ["-A", "-d", `sql:${database}`, "-n", "root", "-t", "CT,C,C", "-i", "root.pem"]);
          for (const file of ["b-b.pdf", "b-t.pdf", "rs256.pdf", "packed.pdf"]) {
            const { said } = runTool(folder, "pdfsig", ["-nssdir", database, file]);
            expect(said).toContain("Signature is Valid");
            expect(said).toContain("Total document signed");
            expect(said).toContain("Certificate is Trusted");
          }
          const { said } = runTool(folder, "pdfsig", ["-nssdir", database, "b-lta.pdf"]);
          // Poppler 22.12 knows no document time stamps: OpenSSL verifies them below.
          expect(said).toContain("Signature is Valid");
          expect(said).toContain("Total document signed");
          writeFileSync(join(folder, "changed.pdf"), replaced(signed, "(Contract)", "(Contrast)"));
          expect(runTool(folder, "pdfsig", ["-nssdir", database, "changed.pdf"]).said).toContain("Digest Mismatch");
        },
      );
    },
  );

  test.skipIf(!hasTool("pdfsig") || !hasTool("pk12util") || !hasOpenssl)(
    "what pdfsig signs, twice, in fields that were there, passes",
    () => {
      const keys = rsaKeyPair();
      const subject = name(["2.5.4.3", "poppler"]);
      const certificate = root.issue({ subject, publicKey: keys.publicKey, extensions: [signatureUsage] });
      const field = (title: string, left: number) =>
        `<</FT/Sig/T(${title})/Type/Annot/Subtype/Widget/F 4/Rect[${left} 10 ${left + 99} 60]/P 3 0 R>>`;
      const form = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R 7 0 R]/SigFlags 1>>>>";
      const files = {
        "form.pdf": testPdf("Contract", [field("one", 10), field("two", 210)], form),
        "root.pem": pem("CERTIFICATE", root.certificate.der),
        "signer.pem": pem("CERTIFICATE", certificate.der),
        "signer.key": keys.privateKey.export({ type: "pkcs8", format: "pem" }),
      };
      inFolder(files, (openssl, folder) => {
        const key = ["-in", "signer.pem", "-inkey", "signer.key", "-name", "signer"];
        openssl("pkcs12", "-export", ...key, "-passout", "pass:", "-out", "signer.p12");
        mkdirSync(join(folder, "nss"));
        runTool(folder, "certutil", ["-N", "-d", "sql:nss", "--empty-password"]);
        runTool(folder, "certutil", ["-A", "-d", "sql:nss", "-n", "root", "-t", "CT,C,C", "-i", "root.pem"]);
        runTool(folder, "pk12util", ["-i", "signer.p12", "-d", "sql:nss", "-W", ""]);
        const by = ["-nssdir", "nss", "-nick", "signer", "-etsi"];
        runTool(folder, "pdfsig", [...by, "-sign", "one", "form.pdf", "once.pdf"]);
        runTool(folder, "pdfsig", [...by, "-sign", "two", "once.pdf", "twice.pdf"]);
        for (const [file, fields] of [
          ["once.pdf", ["one"]],
          ["twice.pdf", ["one", "two"]],
        ] as const) {
          const verdicts = verifyPdf(readFileSync(join(folder, file)), input);
          expect(verdicts.map(({ fieldName }) => fieldName)).toEqual(fields);
        }
      });
    },
  );

  test.skipIf(!hasOpenssl)("OpenSSL verifies the signature and both time stamps over the ranges that they name", () => {
    const file = new PdfFile(archived);
    const [signature, stamp] = formFields(file.newest).map((field) => verifyByteRange(file, field));
    const signer = verifyCms(signature!.contents, { content: Buffer.concat(signature!.parts) }).signers[0]!;
    const judged = {
      "cms.der": signature!.contents,
      signed: Buffer.concat(signature!.parts),
      "token.der": signer.timestamps[0]!,
      signature: signer.signature,
      "document.der": stamp!.contents,
      document: Buffer.concat(stamp!.parts),
      "root.pem": pem("CERTIFICATE", root.certificate.der),
    };
    inFolder(judged, (openssl) => {
      const trust = ["-CAfile", "root.pem", "-attime", String(now.getTime() / 1000)];
      const cms = ["-inform", "DER", "-in", "cms.der", "-content", "signed", "-binary", "-cades", "-purpose", "any"];
      expect(openssl("cms", "-verify", ...cms, ...trust)).toEqual(judged.signed);
      for (const [der, data] of [
        ["token.der", "signature"],
        ["document.der", "document"],
      ] as const) {
        const said = openssl("ts", "-verify", "-in", der, "-token_in", "-data", data, ...trust).toString();
        expect(said).toContain("Verification: OK");
      }
    });
  });

  test.skipIf(!hasTool("qpdf"))("qpdf finds nothing wrong with any level", async () => {
    const packed = await signPdf(testPdfWithStreams(), { ...ec.by, appearance });
    inFolder({ ...files, "packed.pdf": packed }, (_, folder) => {
      for (const file of [...Object.keys(files), "packed.pdf"]) {
        expect(runTool(folder, "qpdf", ["--check", file])).toMatchObject({ status: 0 });
      }
    });
  });
});
