import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readConfig } from "./config.ts";
import { type AuditInput, type AuditSummary, auditEvidence, type Finding } from "./evidence/audit.ts";
import { logName } from "./evidence/log-key.ts";
import { openStore } from "./store/store.ts";

export type { AuditSummary, Finding, FindingCode } from "./evidence/audit.ts";

/** Whom to believe, and what others have kept. Without a key of the log the installation's own is taken. */
export type EvidenceAudit = Partial<AuditInput>;

/**
 * The operator's audit of an installation's evidence, beside a running server or without one: `environment` as for the server.
 * Opens the database, the embedded one too, and the sealing keys. Throws a `TypeError` on wrong settings.
 */
export async function* auditInstallation(
  environment: Record<string, string | undefined>,
  input: EvidenceAudit,
): AsyncGenerator<Finding, AuditSummary> {
  const config = readConfig(environment);
  const log = input.log ?? (await readOwnLogKey(join(config.dataDirectory, "keys"), config.issuer));
  const store = await openStore(config, () => undefined);
  try {
    const witnesses = input.witnesses ?? config.evidence.witnesses.map(({ key }) => key);
    return yield* auditEvidence({ ...store, clock: Date.now }, { ...input, log, witnesses });
  } finally {
    await store.close();
  }
}

/** Never makes one, unlike a server's start: an audit under a new key would find everything wrong. */
async function readOwnLogKey(directory: string, issuer: string): Promise<AuditInput["log"]> {
  const path = join(directory, "evidence-log.json");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new TypeError(`${path} cannot be read: is this the data folder of an installation?`, { cause });
  });
  const { privateKey } = JSON.parse(text) as { privateKey: string };
  return { name: logName(issuer), kind: "ed25519", publicKey: createPublicKey(privateKey) };
}
