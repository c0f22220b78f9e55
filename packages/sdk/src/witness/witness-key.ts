import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The witness's Ed25519 key, `witness-key.pem` (PKCS #8) of a folder, made the first time. Throws on a damaged file. */
export async function readOrCreateWitnessKey(directory: string): Promise<KeyObject> {
  const path = join(directory, "witness-key.pem");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  // Of two that start at once one makes it.
  await writeFile(path, pem, { flag: "wx", mode: 0o600, flush: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const key = createPrivateKey(await readFile(path, "utf8"));
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError(`${path} is not an Ed25519 key`);
  return key;
}
