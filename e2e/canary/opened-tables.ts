import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

type SealingKeys = { sealing: { id: string; key: string }[] };

/** version(1) ‖ key id(4) ‖ nonce(12) ‖ ciphertext ‖ tag(16), as store/sealer.ts writes it. */
const headerLength = 17;
const tagLength = 16;

/**
 * Every value of every table, as bytes; and what is sealed there, opened with the platform's own keys, whatever row it
 * belongs to: AES-GCM is AES-CTR under its tag (NIST SP 800-38D §7.2), so no context is needed to read.
 */
export async function openTables(
  connection: pg.ClientConfig,
  keyFolder: string,
): Promise<{ table: string; stored: Buffer; opened: Buffer; sealedValues: number }[]> {
  const { sealing } = JSON.parse(readFileSync(join(keyFolder, "sealing.json"), "utf8")) as SealingKeys;
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
    );
    const contents = [];
    for (const { name } of tables) {
      const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM "${name}"`);
      const values = rows.flatMap((row) => Object.values(row));
      const bytes = values.map(toBytes);
      const opened = bytes.flatMap((value) => unseal(sealing, value) ?? []);
      const line = Buffer.from("\n");
      contents.push({
        table: name,
        stored: Buffer.concat(bytes.flatMap((value) => [value, line])),
        opened: Buffer.concat(opened.flatMap((value) => [value, line])),
        sealedValues: opened.length,
      });
    }
    return contents;
  } finally {
    await client.end();
  }
}

function toBytes(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  return Buffer.from(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

function unseal(keys: SealingKeys["sealing"], sealed: Buffer): Buffer | undefined {
  if (sealed.length < headerLength + tagLength || sealed[0] !== 1) return undefined;
  const key = keys.find(({ id }) => id === sealed.subarray(1, 5).toString("hex"));
  if (!key) return undefined;
  const counter = Buffer.concat([sealed.subarray(5, headerLength), Buffer.from([0, 0, 0, 2])]);
  const decipher = createDecipheriv("aes-256-ctr", Buffer.from(key.key, "base64url"), counter);
  return Buffer.concat([decipher.update(sealed.subarray(headerLength, sealed.length - tagLength)), decipher.final()]);
}
