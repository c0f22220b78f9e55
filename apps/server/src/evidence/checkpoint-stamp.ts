import { createHash } from "node:crypto";

/** Under which the log holds what belongs to no account. */
export const noAccount = "00000000-0000-0000-0000-000000000000";

/**
 * What the log holds of a time stamp over an earlier checkpoint of its own: so none can be taken away or changed either.
 * `text` is the checkpoint's text, without signatures: witnesses may sign later.
 */
export function stampCommitment(text: string, { token, list }: { token: Buffer; list: Buffer }): Buffer {
  const digest = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest();
  return digest(Buffer.concat([digest("xid-log-stamp-v1"), digest(text), digest(token), digest(list)]));
}
