import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { NoteKey } from "@xid/pki";
import { z } from "zod";
import { readOrCreateKeyFile } from "../store/key-file.ts";

/** The key that signs the log's checkpoints, under the log's name. */
export type LogKey = NoteKey & { privateKey: KeyObject };

const LogKeyFile = z.strictObject({ privateKey: z.string().transform((pem) => createPrivateKey(pem)) });

/** Takes `evidence-log.json` of the key folder, made at the first start. Throws on a damaged file. */
export async function loadLogKey(keyDirectory: string, issuer: string): Promise<LogKey> {
  const text = await readOrCreateKeyFile(keyDirectory, "evidence-log.json", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    return JSON.stringify({ privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) });
  });
  const { privateKey } = LogKeyFile.parse(JSON.parse(text));
  return { name: logName(issuer), kind: "ed25519", privateKey, publicKey: createPublicKey(privateKey) };
}

/** C2SP tlog-checkpoint: the origin is the log's URL without scheme. */
export function logName(issuer: string): string {
  const { host, pathname } = new URL(issuer);
  return `${host}${pathname.replace(/\/$/, "")}/log`;
}
