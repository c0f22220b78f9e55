import type { ItemName } from "@xid/protocol";
import type { AttributeVersion } from "../attributes/attribute-version.ts";
import type { IdentityStatus } from "../identity/identity-status.ts";
import type { CertificateName } from "../jpki/jlis-client.ts";

/** What J-LIS said of one person, and what is to be written of it. */
export type Finding = Pick<IdentityStatus, "status" | "reason" | "changedAt" | "checkedAt"> & {
  accountId: string;
  /** Of the certificate that the account stood on when J-LIS was asked: if it stands on another one now, nothing is written. */
  serialLookup: Buffer;
  /** Whether this is news. */
  isNews: boolean;
  /** What the person's certificates are now, where anything has changed. */
  linked: (CertificateName & { status: string; lookup: Buffer })[];
  /** The attributes as they are now, where they are others than those known. */
  version: { before: number; items: ItemName[]; attributes: AttributeVersion; lookup: Buffer } | null;
  /** J-LIS's word that there is no consent any more. */
  consentEnded: boolean;
};
