import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SignedAttribute, signedAttributes } from "@xid/pki";
import { appendRevision, testPdf } from "@xid/pki/testing";
import {
  checkSigning,
  type EcJwk,
  fromBase64url,
  type ShownSigning,
  type SigningDisplay,
  shownAttributeType,
  signedContent,
  toBase64url,
} from "@xid/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { draftSigning } from "./draft-signing.ts";
import { issueSigningCertificate } from "./issue-signing-certificate.ts";
import { loadSigningAuthority, type SigningAuthority } from "./signing-authority.ts";

const text = (ja: string) => ({ ja, en: "x" });
const layout = {
  layout: "transfer",
  payee: text("山田商店"),
  account: text("本店 普通 1234567"),
  amount: 10_000,
} as const;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const pdf = testPdf("Contract");
const pdfDocument = {
  form: "pdf",
  documentId: "5b0c7a9e-0000-4000-8000-000000000000",
  name: "契約書.pdf",
  size: pdf.length,
  digest: toBase64url(sha256(pdf)),
  pages: 1,
  signer: { position: 1, of: 1 },
  signedBefore: 0,
  seal: null,
} as const;

/** What a platform may try on a device. Each is refused for this alone: the honest request passes. */
describe("a device does not sign blindly", () => {
  let directory: string;
  let authority: SigningAuthority;
  let publicJwk: EcJwk;
  let certificate: Uint8Array;
  let othersCertificate: Uint8Array;

  const issue = async () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const times = { notBefore: new Date(), notAfter: new Date(Date.now() + 86_400_000) };
    const der = await issueSigningCertificate(authority, { name: "山田花子", deviceId: "d", publicKey, ...times });
    return { jwk: publicKey.export({ format: "jwk" }) as EcJwk, der };
  };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "xid-blind-"));
    authority = await loadSigningAuthority(
      { dataDirectory: directory, profile: "sandbox", issuer: "https://id.example" },
      Date.now,
    );
    ({ jwk: publicJwk, der: certificate } = await issue());
    othersCertificate = (await issue()).der;
  });
  afterAll(() => rm(directory, { recursive: true }));

  type Change = { signing?: Partial<ShownSigning>; display?: Partial<SigningDisplay>; content?: Buffer };

  /** A display and the file to it, as an honest platform makes them. */
  function honest({ signing = {}, display = {}, content = pdf }: Change = {}) {
    const unsigned = {
      kind: "document_signature" as const,
      requestId: "r-1",
      client: { clientId: "bank", name: text("銀行"), domain: "bank.example" },
      purpose: text("振込"),
      items: [],
      alreadyGranted: [],
      offlineAccess: false,
      via: "link" as const,
      checkNumber: null,
      expiresAt: 1_800_000_000,
      ...display,
      signing: {
        format: "pdf" as const,
        level: "B-T" as const,
        layout,
        document: pdfDocument,
        signedAt: 1_795_000_000,
        certificate: toBase64url(certificate),
        ...signing,
      },
    };
    const draft = draftSigning(authority, unsigned, { content, name: "山田花子" });
    const toBeSigned = toBase64url(draft.toBeSigned);
    return {
      display: { ...unsigned, signing: { ...unsigned.signing, toBeSigned } } as SigningDisplay,
      file: draft.file,
    };
  }
  const check = ({ display, file }: { display: SigningDisplay; file?: Uint8Array | undefined }) =>
    checkSigning(display, { publicJwk, file });
  const refuses = (attempt: { display: SigningDisplay; file?: Uint8Array | undefined }) =>
    expect(() => check(attempt)).toThrow(expect.objectContaining({ name: "ProtocolError", code: "SIGNING_MISMATCH" }));
  const withSigning = ({ display }: { display: SigningDisplay }, signing: Partial<ShownSigning>): SigningDisplay => ({
    ...display,
    signing: { ...display.signing, ...signing },
  });
  const latin1 = (file: Uint8Array | undefined) => Buffer.from(file!).toString("latin1");

  const data = {
    form: "data",
    name: "a.bin",
    size: 1,
    algorithm: "sha-256",
    digest: toBase64url(sha256(pdf)),
  } as const;
  const alone = { form: "none" } as const;

  it.each<[string, Partial<ShownSigning>]>([
    ["a PDF", {}],
    [
      "a PDF with a seal",
      { document: { ...pdfDocument, seal: { page: 1, rectangle: [300, 60, 500, 120], reason: "承認" } } },
    ],
    ["data", { format: "cms", document: data }],
    ["a layout", { format: "cms", document: alone }],
    ["a layout as JWS", { format: "jws", document: alone }],
    ["data as JWS", { format: "jws", document: { ...data, algorithm: "sha-512", digest: "A".repeat(86) } }],
  ])("but signs %s that it was shown", (_, signing) => {
    const request = honest({ signing });
    expect(toBase64url(check(request).toBeSigned)).toBe(request.display.signing.toBeSigned);
  });

  describe("of a PDF", () => {
    it("another file than the one that was named", () => {
      const other = testPdf("10,000,000 yen");
      refuses({ ...honest(), file: honest({ content: other }).file });
    });

    it("a file that goes on otherwise than the one that is signed", () => {
      const { display, file } = honest();
      refuses({ display, file: Buffer.from(latin1(file).replace("/Filter", "/FilteR"), "latin1") });
    });

    it("a file that begins with the one that was named, and shows another page after a later revision", () => {
      const request = honest({ content: appendRevision(pdf, { 4: "<</Length 0>>\nstream\n\nendstream" }) });
      // Its signature would be over all of it, so the viewer is given all of it: but it is not what was named.
      refuses({ ...request, display: withSigning(request, { document: { ...pdfDocument, size: pdf.length + 1 } }) });
      expect(check(request).file).toBe(request.file);
    });

    it.each<[string, (file: string) => string]>([
      [
        "that leaves out what follows",
        (file) => file.replace(/(ByteRange ?\[0 \d+ \d+ )(\d+)/, (_, a, b) => `${a}${Number(b) - 10}`),
      ],
      ["that begins later", (file) => file.replace(/ByteRange ?\[0 /, "ByteRange [9 ")],
      [
        "with a gap of its own choice",
        (file) => file.replace(/(ByteRange ?\[0 )(\d+)/, (_, a, b) => `${a}${Number(b) - 100}`),
      ],
    ])("a byte range %s", (_, spoil) => {
      const { display, file } = honest();
      refuses({ display, file: Buffer.from(spoil(latin1(file)), "latin1") });
    });

    it("bytes behind what is signed", () => {
      const { display, file } = honest();
      refuses({ display, file: Buffer.concat([file!, Buffer.from("% more")]) });
    });

    it("a space for the signature that is not empty", () => {
      const { display, file } = honest();
      refuses({ display, file: Buffer.from(latin1(file).replace("<0000", "<00ff"), "latin1") });
    });

    it("without its file", () => refuses({ display: honest().display }));

    it("any byte of the file changed", () => {
      const { display, file } = honest();
      fc.assert(
        fc.property(fc.nat(file!.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const spoilt = Buffer.from(file!);
          spoilt[at]! ^= change;
          refuses({ display, file: spoilt });
        }),
        { numRuns: 200 },
      );
    });
  });

  it.each<[string, Change]>([
    ["another amount", { signing: { layout: { ...layout, amount: 10_000_000 } } }],
    ["another payee", { signing: { layout: { ...layout, payee: text("別の人") } } }],
    ["another request", { display: { requestId: "r-2" } }],
    ["another service", { display: { client: { clientId: "shop", name: text("店"), domain: "shop.example" } } }],
    ["another purpose", { display: { purpose: text("別") } }],
    ["another time", { signing: { signedAt: 1_795_000_001 } }],
  ])("octets that were made for %s than is shown", (_, change) => {
    for (const signing of [{}, { format: "cms", document: alone }, { format: "jws", document: alone }] as const) {
      const shown = honest({ signing });
      const other = honest({ ...change, signing: { ...signing, ...change.signing } });
      refuses({ display: withSigning(shown, { toBeSigned: other.display.signing.toBeSigned }), file: shown.file });
    }
  });

  it("octets for another certificate, or a certificate of another key", () => {
    for (const signing of [{}, { format: "cms", document: alone }, { format: "jws", document: alone }] as const) {
      const others = honest({ signing: { ...signing, certificate: toBase64url(othersCertificate) } });
      refuses(others);
      refuses({ ...others, display: withSigning(others, { certificate: toBase64url(certificate) }) });
    }
  });

  it("a digest that the key does not sign with", () => {
    refuses(
      honest({ signing: { format: "cms", document: { ...data, algorithm: "sha-512", digest: "A".repeat(86) } } }),
    );
  });

  describe("signed attributes", () => {
    const shown = (display: SigningDisplay): SignedAttribute => ({
      type: shownAttributeType,
      value: Buffer.concat([Buffer.of(4, 32), sha256(signedContent(display))]),
    });
    const attributes = (display: SigningDisplay, further: SignedAttribute[], changes: object = {}) =>
      toBase64url(
        signedAttributes({
          content: () => sha256(signedContent(display)),
          certificate,
          algorithm: "ES256",
          signingTime: new Date(display.signing.signedAt * 1000),
          furtherAttributes: further,
          ...changes,
        }),
      );
    const request = () => honest({ signing: { format: "cms", document: alone } });

    it("as they should be pass", () => {
      const { display } = request();
      check({ display: withSigning({ display }, { toBeSigned: attributes(display, [shown(display)]) }) });
    });

    it.each<[string, (display: SigningDisplay) => string]>([
      ["without what was shown", (display) => attributes(display, [])],
      [
        "with one that nobody knows",
        (display) => attributes(display, [shown(display), { type: "2.25.1", value: Buffer.of(5, 0) }]),
      ],
      ["with one twice", (display) => attributes(display, [shown(display), shown(display)])],
      ["of another content", (display) => attributes(display, [shown(display)], { content: () => sha256(pdf) })],
      [
        "of another type of content",
        (display) => attributes(display, [shown(display)], { contentType: "1.2.840.113549.1.9.16.1.4" }),
      ],
      ["at another time", (display) => attributes(display, [shown(display)], { signingTime: new Date(0) })],
      ["without a time", (display) => attributes(display, [shown(display)], { signingTime: undefined })],
      [
        "with something behind them",
        (display) =>
          toBase64url(Buffer.concat([fromBase64url(attributes(display, [shown(display)])), Buffer.of(5, 0)])),
      ],
      ["that are none", () => toBase64url(Buffer.from("xid-approval"))],
    ])("%s are refused", (_, make) => {
      const { display } = request();
      refuses({ display: withSigning({ display }, { toBeSigned: make(display) }) });
    });

    it("that are any octets never end otherwise", () => {
      const { display } = request();
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
          refuses({ display: withSigning({ display }, { toBeSigned: toBase64url(octets) }) });
        }),
      );
    });
  });

  describe("the signing input of a JWS", () => {
    const input = (header: object, payload: string) =>
      toBase64url(Buffer.from(`${Buffer.from(JSON.stringify(header)).toString("base64url")}.${payload}`));
    const parts = (display: SigningDisplay) => {
      const [header, payload] = Buffer.from(display.signing.toBeSigned, "base64url").toString("latin1").split(".");
      return { header: JSON.parse(Buffer.from(header!, "base64url").toString()), payload: payload! };
    };

    it.each<[string, object]>([
      ["another algorithm", { alg: "none" }],
      ["a critical header", { crit: ["b64"], b64: false }],
      ["another type, such as that of an approval", { typ: "xid-approval+jwt" }],
      ["another time", { iat: 1 }],
    ])("with %s is refused", (_, change) => {
      const { display } = honest({ signing: { format: "jws", document: alone } });
      const { header, payload } = parts(display);
      check({ display: withSigning({ display }, { toBeSigned: input(header, payload) }) });
      refuses({ display: withSigning({ display }, { toBeSigned: input({ ...header, ...change }, payload) }) });
    });
  });
});
