import { Attributes } from "@xid/protocol";
import { z } from "zod";
import type { Platform } from "../platform.ts";

/** The four attributes with what is known of their spelling: one sealed version of a person's data. */
export const AttributeVersion = Attributes.extend({
  /** Positions (from 0) of characters that stand for one outside the certificate's character set. */
  nameSubstitutes: z.array(z.number().int()),
  addressSubstitutes: z.array(z.number().int()),
});
export type AttributeVersion = z.infer<typeof AttributeVersion>;

type Parts = Pick<Platform, "sealer">;

export function sealAttributes({ sealer }: Parts, accountId: string, version: number, value: AttributeVersion): Buffer {
  return sealer.seal(context(accountId, version), JSON.stringify(value));
}

/** Throws `SealerError` on a value that is not of this account and version. */
export function openAttributes(
  { sealer }: Parts,
  accountId: string,
  version: number,
  sealed: Buffer,
): AttributeVersion {
  return JSON.parse(sealer.open(context(accountId, version), sealed).toString("utf8")) as AttributeVersion;
}

function context(accountId: string, version: number): string {
  return `attributes.attributes_sealed:${accountId}.${version}`;
}
