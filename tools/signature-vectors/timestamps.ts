import { createHash } from "node:crypto";
import { buildSignedData, buildTimestampRequest, keyUsage, verifyCms } from "@xid/pki";
import { cmsOids, now, purposes, rawSignedData, TestTimestampAuthority, usage } from "@xid/pki/testing";
import { base64 } from "../jpki-vectors/vector.ts";
import { by, content, hanako, keys, root, stamper } from "./world.ts";

type TimestampVector = { id: string; expect: { code: string } | { time: string; accuracy: number }; der: string };

export const nonce = Buffer.from("8877665544332211", "hex");
const timeStamping = "1.3.6.1.5.5.7.3.8";

export async function timestampVectors(): Promise<TimestampVector[]> {
  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
  const request = buildTimestampRequest({ digest: digest(content), nonce });
  const issue = { serialNumber: Buffer.of(1) };
  const token = await stamper.token(request, now, issue);
  const other = (...extensions: Buffer[]) =>
    new TestTimestampAuthority(root, [usage(keyUsage.digitalSignature), ...extensions], keys.responder);
  const by3161 = (authority: TestTimestampAuthority) => authority.token(request, now, issue);
  const info = verifyCms(token, { contentType: cmsOids.timestampInfo }).content!;
  const signer = { ...by, content: info, contentType: cmsOids.timestampInfo };
  const own = { ...signer, certificate: stamper.certificate, key: stamper.key };
  const broken: [id: string, code: string, der: Uint8Array | Promise<Uint8Array>][] = [
    [
      "another-content",
      "DIGEST_MISMATCH",
      stamper.token(buildTimestampRequest({ digest: digest(nonce), nonce }), now, issue),
    ],
    [
      "another-nonce",
      "NONCE_MISMATCH",
      stamper.token(buildTimestampRequest({ digest: digest(content), nonce: Buffer.of(1) }), now, issue),
    ],
    ["without-nonce", "NONCE_MISMATCH", stamper.token(buildTimestampRequest({ digest: digest(content) }), now, issue)],
    ["time-of-the-future", "NOT_YET_VALID", stamper.token(request, new Date(now.getTime() + 120_000), issue)],
    ["time-before-the-certificate", "NOT_YET_VALID", stamper.token(request, new Date("2025-06-01T00:00:00Z"), issue)],
    ["another-policy", "POLICY", stamper.token(request, now, { ...issue, policy: "1.2.3" })],
    ["purpose-not-critical", "KEY_USAGE", by3161(other(purposes(false, timeStamping)))],
    ["purpose-not-alone", "KEY_USAGE", by3161(other(purposes(true, timeStamping, "1.3.6.1.5.5.7.3.3")))],
    ["without-purpose", "KEY_USAGE", by3161(other())],
    ["two-signers", "PROFILE", rawSignedData({ signers: [own, signer] })],
    ["no-signing-certificate", "PROFILE", rawSignedData({ signers: [{ ...own, signingCertificate: null }] })],
    ["signed-data", "PROFILE", buildSignedData({ ...hanako, content, detached: false })],
    [
      "signature-by-another-key",
      "SIGNATURE_INVALID",
      rawSignedData({ signers: [{ ...own, key: keys.other.privateKey }] }),
    ],
  ];
  const made = broken.map(async ([id, code, der]) => ({ id, expect: { code }, der: base64(await der) }));
  const expectGood = { time: now.toISOString(), accuracy: 1000 };
  return [{ id: "good/token", expect: expectGood, der: base64(token) }, ...(await Promise.all(made))];
}
