import { chown, lchown, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Whom PostgreSQL runs as. `undefined`: as we do, which it accepts from everybody but root. */
export type ServiceAccount = { uid: number; gid: number } | undefined;

const firstServiceUid = 47_001;

/**
 * PostgreSQL refuses to run as root, so root gives it a user id that belongs to nobody else: the owner of the existing
 * data, or the first free one. No account is created; only initdb insists on a named one and runs as `nobody`.
 */
export async function chooseServiceAccount(dataDirectory: string): Promise<ServiceAccount> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDirectory).catch(() => undefined);
  if (owner) {
    if (owner.uid === 0) throw new Error(`${dataDirectory} belongs to root: PostgreSQL will not run on it`);
    return { uid: owner.uid, gid: owner.gid };
  }
  const taken = new Set((await readAccounts()).map((account) => account.uid));
  let uid = firstServiceUid;
  while (taken.has(uid)) uid++;
  return { uid, gid: uid };
}

/** The account for initdb, which looks its own name up. */
export async function initialisingAccount(account: ServiceAccount): Promise<ServiceAccount> {
  if (!account) return undefined;
  const nobody = (await readAccounts()).find(({ name }) => name === "nobody");
  if (!nobody) throw new Error("there is no account named nobody, which root needs to initialise PostgreSQL");
  return nobody;
}

/** Gives a file or a whole tree to the account. */
export async function giveTo(account: ServiceAccount, path: string): Promise<void> {
  if (!account) return;
  await chown(path, account.uid, account.gid);
  if (!(await stat(path)).isDirectory()) return;
  const entries = await readdir(path, { recursive: true });
  for (const entry of entries) await lchown(join(path, entry), account.uid, account.gid);
}

async function readAccounts(): Promise<{ name: string; uid: number; gid: number }[]> {
  const lines = (await readFile("/etc/passwd", "utf8").catch(() => "")).split("\n");
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    // macOS writes nobody as -2.
    return name && uid && gid ? [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }] : [];
  });
}
