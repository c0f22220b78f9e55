import { type Certificate, parseCertificate } from "@xid/pki";
import { z } from "zod";
import type { StatusAnswer } from "../jpki/check-status.ts";
import type { Platform } from "../platform.ts";

/** A proven certificate with the authorities above it up to the anchor, as evidence keeps them: DER in base64. */
export const StoredCertificate = z.object({ certificate: z.base64(), issuers: z.array(z.base64()).min(1) });
export type StoredCertificate = z.infer<typeof StoredCertificate>;

/** What a status rests on, as evidence keeps it. A revocation list is in `revocation_lists` by its SHA-256. */
export const StoredStatus = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ocsp"), checkedAt: z.iso.datetime(), response: z.base64() }),
  z.object({ kind: z.literal("crl"), checkedAt: z.iso.datetime(), listDigest: z.base64() }),
]);
export type StoredStatus = z.infer<typeof StoredStatus>;

type Parts = Pick<Platform, "sealer">;

/** @param issuers from the direct issuer up to the anchor */
export function toStoredCertificate(certificate: Certificate, issuers: readonly Certificate[]): StoredCertificate {
  const text = ({ der }: Certificate) => der.toString("base64");
  return { certificate: text(certificate), issuers: issuers.map(text) };
}

/** The certificate and its direct issuer, parsed. They were verified before they were stored. */
export function parseStoredCertificate(stored: StoredCertificate): { certificate: Certificate; issuer: Certificate } {
  const parse = (text: string) => parseCertificate(Buffer.from(text, "base64"));
  return { certificate: parse(stored.certificate), issuer: parse(stored.issuers[0]!) };
}

export function toStoredStatus({ evidence }: StatusAnswer, checkedAt: Date): StoredStatus {
  const at = { checkedAt: checkedAt.toISOString() };
  return evidence.kind === "ocsp"
    ? { kind: "ocsp", ...at, response: evidence.response.toString("base64") }
    : { kind: "crl", ...at, listDigest: evidence.digest.toString("base64") };
}

/** By which a certificate is found again; authorities count their serial numbers each for itself. */
export function serialLookup({ sealer }: Parts, kind: "signature" | "authentication", serial: string): Buffer {
  return sealer.lookup("certificates.serial", `${kind}:${serial}`);
}

/** Context of the sealed columns of one row of `certificates`. */
export function certificateContext(column: string, accountId: string, lookup: Buffer): string {
  return `certificates.${column}:${accountId}.${lookup.toString("base64url")}`;
}
