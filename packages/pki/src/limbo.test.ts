import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { verifyPath } from "./path.ts";
import { PkiError } from "./pki-error.ts";
import { type ServerName, verifyServerCertificate, verifyServerName } from "./server-certificate.ts";
import { verifyCrl } from "./verified-crl.ts";

type Case = {
  id: string;
  validation_kind: "CLIENT" | "SERVER";
  trusted_certs: string[];
  untrusted_intermediates: string[];
  peer_certificate: string;
  validation_time: string | null;
  extended_key_usage: ("clientAuth" | "serverAuth")[];
  expected_result: "SUCCESS" | "FAILURE";
  expected_peer_name: { kind: "DNS" | "IP"; value: string } | null;
  max_chain_depth: number | null;
  crls: string[];
};

const folder = new URL("../../../vectors/limbo/", import.meta.url);
const { testcases: cases }: { testcases: Case[] } = JSON.parse(readFileSync(new URL("limbo.json", folder), "utf8"));
const refused: { case: string; code: string }[] = JSON.parse(readFileSync(new URL("refused.json", folder), "utf8"));

/** Where a case gives no time: any at which its certificates, from 1970 to 2969, are valid. */
const anyTime = "2026-11-01T00:00:00Z";
const purposes = { clientAuth: "1.3.6.1.5.5.7.3.2", serverAuth: "1.3.6.1.5.5.7.3.1" };

const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");

/** A certificate in the pool that cannot be read is none. */
function readable(pems: string[]): Certificate[] {
  return pems.flatMap((pem) => {
    try {
      return [parseCertificate(der(pem))];
    } catch (error) {
      if (error instanceof PkiError) return [];
      throw error;
    }
  });
}

function address(text: string): Uint8Array {
  if (text.includes(".")) return Uint8Array.from(text.split("."), Number);
  const [before = [], after = []] = text.split("::").map((side) => side.split(":").filter((group) => group !== ""));
  const zeros = new Array(8 - before.length - after.length).fill("0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}

function validate(given: Case): void {
  const time = new Date(given.validation_time ?? anyTime);
  const purpose = given.validation_kind === "CLIENT" ? "clientAuth" : given.extended_key_usage[0];
  const path = verifyPath({
    certificate: parseCertificate(der(given.peer_certificate)),
    intermediates: readable(given.untrusted_intermediates),
    anchors: readable(given.trusted_certs),
    time,
    ...(purpose && { extendedKeyUsage: purposes[purpose] }),
    ...(given.max_chain_depth !== null && { maxPathLength: given.max_chain_depth }),
  });
  if (given.expected_peer_name !== null) {
    const { kind, value } = given.expected_peer_name;
    const name: ServerName = kind === "DNS" ? { dns: value } : { address: address(value) };
    if (/^(webpki|online)::/.test(given.id)) verifyServerCertificate(path, name);
    else verifyServerName(path.certificate, name);
  }
  if (given.crls.length > 0 && !given.crls.some((crl) => isGood(crl, path.anchor, path.certificate, time))) {
    throw new PkiError("STATUS_UNKNOWN", "no CRL says that the certificate is good");
  }
}

function isGood(crl: string, issuer: Certificate, certificate: Certificate, time: Date): boolean {
  try {
    return verifyCrl(der(crl), { issuer, time }).status(certificate).status === "good";
  } catch (error) {
    if (error instanceof PkiError) return false;
    throw error;
  }
}

function codeOf(given: Case): string | undefined {
  try {
    validate(given);
    return undefined;
  } catch (error) {
    if (error instanceof PkiError) return error.code;
    throw error;
  }
}

test("x509-limbo: no invalid chain is accepted", () => {
  const invalid = cases.filter((given) => given.expected_result === "FAILURE");
  expect(invalid).toHaveLength(144);
  expect(invalid.filter((given) => codeOf(given) === undefined).map(({ id }) => id)).toEqual([]);
});

test("x509-limbo: exactly the listed valid chains are refused", () => {
  const found = cases
    .filter((given) => given.expected_result === "SUCCESS")
    .map((given) => ({ case: given.id, code: codeOf(given) }))
    .filter(({ code }) => code !== undefined);
  expect(found).toEqual(refused.map(({ case: name, code }) => ({ case: name, code })));
});

test("x509-limbo: chains made to exhaust a verifier are answered within a second", () => {
  for (const given of cases.filter(({ id }) => /^(pathological|cve)::/.test(id))) {
    const before = performance.now();
    codeOf(given);
    expect(performance.now() - before, given.id).toBeLessThan(1000);
  }
});
