import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** OpenSSL as a second opinion; tests that need it are skipped where it is not installed. */
export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** Runs `work` in a folder of its own that holds these files, and removes it. */
export function inFolder<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  work: (openssl: (...parameters: string[]) => Buffer, folder: string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), "xid-pki-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const openssl = (...parameters: string[]): Buffer =>
      execFileSync("openssl", parameters, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
    return work(openssl, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString("base64")
    .match(/.{1,64}/g)!
    .join("\n")}\n-----END ${label}-----\n`;
