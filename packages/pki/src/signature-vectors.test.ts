import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseCertificate } from "./certificate.ts";
import { verifyCms } from "./cms/verify-cms.ts";
import { verifyPath } from "./path.ts";
import { validatePdf, verifyPdf } from "./pdf/validate-pdf.ts";
import { verifyTimestamp } from "./timestamp/verify-timestamp.ts";

const folder = new URL("../../../vectors/", import.meta.url);
type Vector<Good> = { id: string; der: string; detached?: true; expect: Good | { code: string } };
type Verdict = { indication: string; subIndication?: string; code?: string; laterChanges?: string[] };
type Files = {
  cms: { time: string; anchor: string; content: string; vectors: Vector<{ signers: number }>[] };
  timestamps: {
    time: string;
    content: string;
    nonce: string;
    policy: string;
    crl: string;
    vectors: Vector<{ time: string; accuracy: number }>[];
  };
  pdfs: { time: string; crl: string; vectors: { file: string; expect: Verdict | { error: string } }[] };
};
const read = <Name extends keyof Files>(name: Name, place: string): Files[Name] =>
  JSON.parse(readFileSync(new URL(`${place}/${name}.json`, folder), "utf8"));
const bytes = (base64: string): Buffer => Buffer.from(base64, "base64");
const refused = (code: string) => expect.objectContaining({ name: "PkiError", code });

const cms = read("cms", "cms");
const anchors = [parseCertificate(bytes(cms.anchor))];

test.each(cms.vectors)("CMS $id", ({ der, detached, expect: expected }) => {
  const verify = () => verifyCms(bytes(der), detached ? { content: bytes(cms.content) } : {});
  if ("code" in expected) return expect(verify).toThrow(refused(expected.code));
  const { signers } = verify();
  for (const { certificate } of signers) verifyPath({ certificate, anchors, time: new Date(cms.time) });
  return expect(signers).toHaveLength(expected.signers);
});

const timestamps = read("timestamps", "timestamp");

test.each(timestamps.vectors)("time stamp $id", ({ der, expect: expected }) => {
  const verify = () =>
    verifyTimestamp(bytes(der), {
      content: bytes(timestamps.content),
      nonce: Buffer.from(timestamps.nonce, "hex"),
      policies: [timestamps.policy],
      anchors,
      time: new Date(timestamps.time),
      revocation: { ocspResponses: [], crls: [bytes(timestamps.crl)], maxAge: 86_400 },
    });
  if ("code" in expected) return expect(verify).toThrow(refused(expected.code));
  const { time, accuracy } = verify();
  return expect({ time: time.toISOString(), accuracy }).toEqual(expected);
});

const pdfs = read("pdfs", "pdf");

test.each(pdfs.vectors)("PDF $file", ({ file, expect: expected }) => {
  const pdf = readFileSync(new URL(`pdf/${file}`, folder));
  const input = {
    anchors,
    timestampAnchors: anchors,
    time: new Date(pdfs.time),
    revocation: { ocspResponses: [], crls: [bytes(pdfs.crl)], maxAge: 86_400 },
  };
  const verify = () => verifyPdf(pdf, input);
  if ("error" in expected) return expect(verify).toThrow(refused(expected.error));
  if (expected.code !== undefined) expect(verify).toThrow(refused(expected.code));
  else verify();
  const { indication, subIndication, reason, laterChanges } = validatePdf(pdf, input)[0]!;
  const kinds = expected.laterChanges && laterChanges.map(({ kind }) => kind);
  const found = { indication, subIndication, code: reason?.code, laterChanges: kinds };
  return expect(found).toEqual({ subIndication: undefined, code: undefined, laterChanges: undefined, ...expected });
});
