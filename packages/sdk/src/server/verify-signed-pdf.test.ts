import { sign } from "node:crypto";
import { addValidationData, signPdf, timestampPdf } from "@xid/pki";
import {
  appendRevision,
  ecKeyPair,
  name,
  now,
  signatureUsage,
  TestAuthority,
  TestTimestampAuthority,
  testPdf,
} from "@xid/pki/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifySignedPdf } from "./verify-signed-pdf.ts";
import { XidError } from "./xid-error.ts";

const root = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "signing root"]) });
const tsaRoot = new TestAuthority({ keys: ecKeyPair(), name: name(["2.5.4.3", "time-stamping root"]) });
const stamper = new TestTimestampAuthority(tsaRoot);
const keys = ecKeyPair();
const subject = name(["2.5.4.3", "山田花子"]);
const certificate = root.issue({ subject, publicKey: keys.publicKey, extensions: [signatureUsage] });
const list = (of: TestAuthority) => of.crl({ thisUpdate: now, nextUpdate: new Date("2026-11-20T00:00:00Z") });
const minutes = (count: number) => new Date(now.getTime() + count * 60_000);

const original = testPdf("Contract");
const signed = await signPdf(original, {
  certificate: certificate.der,
  algorithm: "ES256",
  sign: async (bytes) => sign("sha256", bytes, keys.privateKey),
  signingTime: now,
  timestamp: stamper.at(minutes(1)),
});
const longTerm = addValidationData(signed, {
  certificates: [root.certificate.der, tsaRoot.certificate.der],
  ocspResponses: [],
  crls: [list(root), list(tsaRoot)],
});
const archived = Buffer.from(await timestampPdf(longTerm, stamper.at(minutes(2))));
const trust = {
  signingAnchors: [root.certificate],
  timestampAnchors: [tsaRoot.certificate],
  time: minutes(10),
};

const outcome = (pdf: Uint8Array, by = trust) => {
  try {
    verifySignedPdf(pdf, by);
    return "passed";
  } catch (error) {
    return error instanceof XidError && error.code === "DOCUMENT_INVALID" ? error.subIndication : error;
  }
};

describe("a signed PDF", () => {
  it("is verified offline, and tells who signed and since when", () => {
    const [signature, stamp] = verifySignedPdf(archived, trust);
    expect(signature).toMatchObject({ kind: "signature", signer: "山田花子", existedAt: minutes(1) });
    expect(stamp).toMatchObject({ kind: "timestamp", signer: undefined, coversWholeFile: true });
  });

  it("below B-LT needs fresh lists", () => {
    expect(outcome(signed)).toBe("TRY_LATER");
    expect(outcome(signed, { ...trust, lists: [list(root), list(tsaRoot)] } as never)).toBe("passed");
  });

  it.each<[string, () => Uint8Array, string | undefined]>([
    ["nobody has signed", () => original, undefined],
    ["is no PDF", () => Buffer.from("<html>"), "FORMAT_FAILURE"],
    [
      "has other text on its page",
      () => appendRevision(archived, { 4: "<</Length 0>>\nstream\n\nendstream" }),
      "FORMAT_FAILURE",
    ],
    [
      "was changed in the middle",
      () => Buffer.from(archived.toString("latin1").replace("Contract", "Contrast"), "latin1"),
      "HASH_FAILURE",
    ],
  ])("that %s is refused", (_, make, subIndication) => {
    expect(outcome(make())).toBe(subIndication);
  });

  it("of somebody else's authority, or stamped by one, is refused", () => {
    expect(outcome(archived, { ...trust, signingAnchors: [tsaRoot.certificate] })).toBe("NO_CERTIFICATE_CHAIN_FOUND");
    expect(outcome(archived, { ...trust, timestampAnchors: [root.certificate] })).not.toBe("passed");
  });

  it("in which any byte was changed is refused", () => {
    const hexadecimal = /[0-9a-fA-F]/;
    fc.assert(
      fc.property(fc.nat(archived.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const spoilt = Buffer.from(archived);
        spoilt[at]! ^= change;
        const [was, is] = [archived, spoilt].map((bytes) => String.fromCharCode(bytes[at]!));
        // In the hexadecimal digits of a signature itself a letter's case says nothing.
        fc.pre(!(hexadecimal.test(was!) && is!.toLowerCase() === was!.toLowerCase()));
        const code = outcome(spoilt);
        expect(code).not.toBe("passed");
        expect(typeof code === "string" || code === undefined).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
