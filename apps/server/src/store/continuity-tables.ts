import type { BilingualText, ItemName } from "@xid/protocol";
import type { ColumnType } from "kysely";
import type { IdentityStatus } from "../identity/identity-status.ts";

type KeptStatus = { status: IdentityStatus["status"]; reason: IdentityStatus["reason"]; changed_at: Date | null };

/** The tables of `migrations/0007-continuity.sql`. bigint is text. */
export type ContinuityTables = {
  identity_states: KeptStatus & {
    account_id: string;
    serial_lookup: Buffer;
    checked_at: Date;
    source: "card" | "jlis";
  };
  jlis_consents: {
    account_id: string;
    state: "waiting" | "valid" | "withdrawn" | "ended";
    consent_id: string | null;
    signed_sealed: Buffer | null;
    changed_at: Date;
  };
  continuous_consents: {
    account_id: string;
    client_id: string;
    items: ItemName[];
    purpose: ColumnType<BilingualText, string, string>;
    granted_at: Date;
    expires_at: Date;
    ended_at: Date | null;
    number_before: string;
  };
  change_lists: { client_id: string; last_number: string };
  attribute_changes: {
    client_id: string;
    number: string;
    account_id: string;
    version: number;
    version_before: number;
    items: ItemName[];
    created_at: Date;
  };
  attribute_reads: {
    account_id: string;
    read_id: string;
    client_id: string;
    items: ItemName[];
    purpose_sealed: Buffer;
    read_at: Date;
  };
  leases: { name: string; holder: string; held_until: Date };
  sweeps: {
    sweep_id: string;
    state: "asking" | "working" | "done";
    mark_before: string | null;
    mark: string | null;
    ended_mark: string;
    started_at: Date;
    asked_at: Date;
    finished_at: Date | null;
    asked: number;
    changed: number;
    versions: number;
    calls: number;
  };
  sweep_items: { account_id: string; sweep_id: string };
  identity_checks: {
    client_id: string;
    check_id: string;
    state: "running" | "done";
    total: number;
    done: number;
    created_at: Date;
    finished_at: Date | null;
    expires_at: Date;
  };
  identity_check_items: {
    client_id: string;
    check_id: string;
    position: number;
    account_id: string;
    status: IdentityStatus["status"] | null;
    reason: IdentityStatus["reason"];
    changed_at: Date | null;
    checked_at: Date | null;
    source: IdentityStatus["source"] | null;
  };
};
