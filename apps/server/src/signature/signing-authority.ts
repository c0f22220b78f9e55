import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type Certificate,
  issueCertificate,
  issueCrl,
  keySigner,
  keyUsage,
  parseCertificate,
  type Signer,
  verifyCrl,
} from "@xid/pki";
import { z } from "zod";
import type { Config } from "../config.ts";
import { readOrCreateKeyFile } from "../store/key-file.ts";

const year = 365 * 24 * 3600 * 1000;

/** The platform's own CA (P-256): issues the certificates of devices' signing keys. */
export type SigningAuthority = {
  /** From the issuing CA up to the root. */
  chain: [Certificate, Certificate];
  /** Holds the issuing CA's key. */
  signer: Signer;
  /** The root's revocation list, which revokes nobody, DER: for whoever trusts the root alone. */
  rootList: Buffer;
  /** Where the status of what it issues is published (ca/api.ts). */
  statusUrls: { ocsp: string; crl: string };
};

/** One CA in the key folder. */
const AuthorityFile = z.strictObject({
  /** Its certificate, and that of the authority above it if there is one. */
  chain: z
    .array(z.base64().transform((text) => parseCertificate(Buffer.from(text, "base64"))))
    .min(1)
    .max(2),
  privateKey: z.string().transform((pem) => createPrivateKey(pem)),
  /** What the authority above says of it, until its own end: the root's key may be out of reach. */
  rootList: z
    .base64()
    .transform((text) => Buffer.from(text, "base64"))
    .optional(),
});
type AuthorityFile = z.infer<typeof AuthorityFile>;

/**
 * Takes the issuing CA from the key folder; the first start makes it under a root of its own. The root's file
 * (`signing-root.json`) is read only then, and may be kept elsewhere afterwards. Throws on a damaged file.
 */
export async function loadSigningAuthority(
  config: Pick<Config, "dataDirectory" | "profile" | "issuer">,
  clock: () => number,
): Promise<SigningAuthority> {
  const directory = join(config.dataDirectory, "keys");
  const read = async (name: string, make: () => Promise<string>) =>
    AuthorityFile.parse(JSON.parse(await readOrCreateKeyFile(directory, name, make)));
  const { chain, privateKey, rootList } = await read("signing-authority.json", async () => {
    const root = await read("signing-root.json", () => makeAuthority(config, clock(), { name: "Root", years: 20 }));
    return makeAuthority(config, clock(), { name: "CA", years: 10, root });
  });
  const [issuing, root] = chain;
  if (!issuing || !root || !rootList) throw new TypeError("signing-authority.json holds no root");
  verifyCrl(rootList, { issuer: root, time: issuing.notBefore });
  const signer = keySigner(privateKey);
  if (!signer.publicKey.equals(issuing.publicKey)) {
    throw new TypeError("signing-authority.json holds a key that is not its certificate's");
  }
  const statusUrls = { ocsp: `${config.issuer}/ca/ocsp`, crl: `${config.issuer}/ca/signing.crl` };
  return { chain: [issuing, root], signer, rootList, statusUrls };
}

async function makeAuthority(
  { profile, issuer }: Pick<Config, "profile" | "issuer">,
  now: number,
  { name, years, root }: { name: string; years: number; root?: AuthorityFile },
): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const notBefore = new Date(Math.floor(now / 1000) * 1000);
  const der = await issueCertificate(
    {
      serialNumber: randomBytes(16),
      issuer: root?.chain[0] ?? "self",
      subject: [
        { type: "C", value: "JP" },
        // What a sandbox issues must not pass for more.
        { type: "O", value: profile === "sandbox" ? "SIM-xID" : "xID" },
        { type: "OU", value: new URL(issuer).host },
        { type: "CN", value: `xID Signing ${name}` },
      ],
      notBefore,
      notAfter: new Date(notBefore.getTime() + years * year),
      publicKey,
      // The issuing CA signs OCSP answers itself.
      keyUsage: keyUsage.keyCertSign | keyUsage.cRLSign | (root ? keyUsage.digitalSignature : 0),
      ca: root ? { pathLength: 0 } : {},
      ...(root && { crlUrl: `${issuer}/ca/root.crl` }),
    },
    keySigner(root?.privateKey ?? privateKey),
  );
  const above = root ? [root.chain[0]!.der.toString("base64")] : [];
  const rootList = root && (await issueRootList(root, notBefore));
  return JSON.stringify({
    chain: [Buffer.from(der).toString("base64"), ...above],
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
    ...(rootList && { rootList: Buffer.from(rootList).toString("base64") }),
  });
}

function issueRootList({ chain: [root], privateKey }: AuthorityFile, thisUpdate: Date): Promise<Uint8Array> {
  const signer = keySigner(privateKey);
  return issueCrl({ issuer: root!, number: 1n, thisUpdate, nextUpdate: root!.notAfter, revoked: [] }, signer);
}
