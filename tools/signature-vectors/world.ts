import { createHash, sign } from "node:crypto";
import { join } from "node:path";
import { keyUsage, type PdfSignatureInput } from "@xid/pki";
import {
  messageSignatures,
  name,
  now,
  ocspResponse,
  type RawSigner,
  signatureUsage,
  TestAuthority,
  TestTimestampAuthority,
  usage,
} from "@xid/pki/testing";
import { readKeys } from "../jpki-vectors/world.ts";

/** Everything is signed with these keys in the open, by RSASSA-PKCS1-v1_5, which has no randomness. */
export const keys = readKeys(join(import.meta.dirname, "..", "..", "vectors", "jpki", "keys.json"));

const dn = (commonName: string): Buffer => name(["2.5.4.10", "SIM-XID"], ["2.5.4.3", commonName]);

export const root = new TestAuthority({ keys: keys.authority, name: dn("Simulated root") });
export const signer = root.issue({
  subject: dn("架空 花子"),
  publicKey: keys.holder.publicKey,
  extensions: [signatureUsage],
});
/** The same key in another certificate. */
export const twin = root.issue({
  subject: dn("架空 太郎"),
  publicKey: keys.holder.publicKey,
  extensions: [signatureUsage],
});
export const second = root.issue({
  subject: dn("架空 次郎"),
  publicKey: keys.other.publicKey,
  extensions: [signatureUsage],
});
export const encipherer = root.issue({
  subject: dn("No signer"),
  publicKey: keys.holder.publicKey,
  extensions: [usage(keyUsage.keyEncipherment)],
});
export const stamper = new TestTimestampAuthority(root, undefined, keys.responder);

export const content = Buffer.from("契約書\r\n\0", "utf8");

export const minutes = (count: number): Date => new Date(now.getTime() + count * 60_000);

/** A signer of raw CMS with nothing wrong. */
export const by: RawSigner = {
  certificate: signer,
  key: keys.holder.privateKey,
  identifier: messageSignatures.RS256.identifier,
  content,
};

const signWith = (key: typeof keys.holder.privateKey) => async (bytes: Uint8Array) => sign("sha256", bytes, key);

export const hanako: PdfSignatureInput = {
  certificate: signer.der,
  algorithm: "RS256",
  sign: signWith(keys.holder.privateKey),
  signingTime: now,
};
export const jiro: PdfSignatureInput = {
  ...hanako,
  certificate: second.der,
  sign: signWith(keys.other.privateKey),
};

/** Serial numbers of tokens follow from what is stamped. */
export const stampAt =
  (time: Date) =>
  (digest: Uint8Array, request: Uint8Array): Promise<Uint8Array> =>
    stamper.token(request, time, { serialNumber: createHash("sha256").update(digest).digest().subarray(0, 8) });

export const crl = root.crl({ thisUpdate: now, nextUpdate: new Date("2026-12-01T00:00:00Z") });
export const answers = [signer, second, stamper.certificate].map((certificate) =>
  ocspResponse(root, {
    answers: [{ certificate, issuer: root.certificate, thisUpdate: minutes(1) }],
    time: minutes(1),
  }),
);
