import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { EvidenceLog } from "./evidence/sequencer.ts";
import type { TimestampAuthority } from "./evidence/timestamp-authority.ts";
import type { Jpki } from "./jpki/jpki.ts";
import type { CredentialKey } from "./signature/credential-key.ts";
import type { SigningAuthority } from "./signature/signing-authority.ts";
import type { Database } from "./store/database.ts";
import type { Sealer } from "./store/sealer.ts";

/** What every part of the server works with. Made once in main.ts, passed as an argument. */
export type Platform = {
  config: Config;
  /** Kysely over PostgreSQL. */
  database: Database;
  /** The same, for single statements whose commit need not be waited for until it is on disk (store/database.ts). */
  unsynced: Database;
  /** Field encryption and keyed hashes. */
  sealer: Sealer;
  /** The outside world of JPKI: anchors, OCSP, CRL, J-LIS. */
  jpki: Jpki;
  /** The platform's own CA: issues the signing certificates of devices. */
  signingAuthority: SigningAuthority;
  /** Stamps documents and the log's checkpoints (RFC 3161); undefined where none is configured. */
  timestamps: TimestampAuthority | undefined;
  /** Sign credentials: the first does. */
  credentialKeys: [CredentialKey, ...CredentialKey[]];
  /** Holds the commitments of all evidence. */
  evidenceLog: EvidenceLog;
  /** A JWT of this `typ` by the issuer's key (`jwks_uri`). */
  signToken: (typ: string, claims: object) => Promise<string>;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Logger;
};
