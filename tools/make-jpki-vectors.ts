/**
 * Writes vectors/jpki/*.json: certificates in the JPKI profile, revocation lists and OCSP answers, good and each broken in one
 * way, with what must come of it. What must come of it is written down here by hand, never asked of @xid/pki.
 * The same keys (vectors/jpki/keys.json, made if they are not there) give the same files.
 *
 *   node tools/make-jpki-vectors.ts             write them
 *   node tools/make-jpki-vectors.ts --check     end with 1 when they are not as they would be written
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseCertificate } from "@xid/pki";
import { certificateVectors } from "./jpki-vectors/certificates.ts";
import { crlVectors } from "./jpki-vectors/crls.ts";
import { nonce, ocspVectors } from "./jpki-vectors/ocsp.ts";
import { base64 } from "./jpki-vectors/vector.ts";
import { authorityOf, now, readKeys } from "./jpki-vectors/world.ts";

const folder = join(import.meta.dirname, "..", "vectors", "jpki");
const [option] = process.argv.slice(2);
if (option !== undefined && option !== "--check") {
  console.error("usage: node tools/make-jpki-vectors.ts [--check]");
  process.exit(2);
}

const keys = readKeys(join(folder, "keys.json"));
const anchor = base64(authorityOf(keys.authority).certificate.der);
const certificates = certificateVectors(keys);
const certificate = certificates.find(({ id }) => id === "good/signature")!.der;
const parsed = parseCertificate(Buffer.from(certificate, "base64"));
const files = {
  certificates: { time: now, anchor, vectors: certificates },
  crls: { time: now, anchor, certificate, vectors: crlVectors(keys, parsed.serialNumber) },
  ocsp: {
    time: now,
    anchor,
    certificate,
    nonce: nonce.toString("hex"),
    maxAge: 3600,
    vectors: ocspVectors(keys, parsed),
  },
};
for (const [name, content] of Object.entries(files)) {
  const path = join(folder, `${name}.json`);
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (option !== "--check") writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`${path} is not what tools/make-jpki-vectors.ts writes`);
    process.exitCode = 1;
  }
}
