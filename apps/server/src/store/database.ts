import type {
  AuthenticationLevel,
  BilingualText,
  DeliveryAttempt,
  EcJwk,
  EventRecord,
  EventType,
  IdentityChangePolicy,
  ItemName,
  MyNumberPurpose,
  Recipient,
  RequestKind,
  Seal,
  ShownDocument,
  SignatureLayout,
  SignatureLevel,
  ValidationReport,
} from "@xid/protocol";
import { type ColumnType, Kysely, type PostgresPool, type Transaction } from "kysely";
import pg from "pg";
import type { ContinuityTables } from "./continuity-tables.ts";
import { pipelinedDialect } from "./kysely-driver.ts";
import { PipelinedConnections } from "./pipelined-connections.ts";
import { withPreparedStatements } from "./prepared-statements.ts";
import { isStalePlan } from "./statement-name.ts";

/** jsonb: read as the value, written as `JSON.stringify` of it. */
type Json<T extends object> = ColumnType<T, string, string>;

export type AskedItem = {
  name: ItemName;
  required: boolean;
  /** No other value may leave; absent where any may. Keyed hashes (attributes/wanted.ts). */
  wanted?: string[];
  /** Of this item alone. */
  purpose?: BilingualText;
};

export type AskedInCommon = {
  /** Whose key the items are encrypted to by the app, and what the relying party wants them bound to (its request's id else). */
  delivery?: { recipient: Recipient; nonce?: string | undefined };
  clientName: BilingualText;
  /** Host of the redirect URI. */
  domain: string;
  purpose: BilingualText;
  items: AskedItem[];
  offlineAccess: boolean;
  level?: AuthenticationLevel | undefined;
  /** Whether the person is asked to let the client be told of later changes; absent where not. */
  latestAttributes?: true;
  /** What is to happen at a sign-in when something has changed since the card was read; `require` where absent. */
  changePolicy?: IdentityChangePolicy;
};

/** A text is not here but in `document_sealed`: it may be about anybody. */
export type AskedDocument =
  | Exclude<ShownDocument, { form: "text" }>
  | Omit<Extract<ShownDocument, { form: "text" }>, "text">;

/** What is to be signed by the device's key. Layout, names and digests are not here but in `document_sealed` (their digest is). */
export type AskedSigning = { level: SignatureLevel; digest: string } & (
  | { format: "pdf"; document: { form: "pdf"; documentId: string; position: number } }
  | { format: "cms" }
  | { format: "jws"; detached: boolean }
);

/** What a relying party asks of a resident in one request, by kind. */
export type Asked =
  | ({ kind: "sign_in" } & AskedInCommon)
  | ({ kind: "card_signature"; signature: { display: SignatureLayout; document: AskedDocument } } & AskedInCommon)
  | ({ kind: "document_signature"; signing: AskedSigning } & AskedInCommon)
  | ({ kind: "identity_refresh" } & AskedInCommon)
  | ({
      kind: "my_number";
      handOver: { purpose: MyNumberPurpose; lawVersion: string; nonce: string; recipient: Recipient };
    } & AskedInCommon);

/** The tables of `migrations/*.sql`, column by column. timestamptz is a `Date`, bytea a `Buffer`, uuid lower-case text. */
export type Tables = ContinuityTables & {
  accounts: { account_id: string; created_at: Date };
  devices: {
    account_id: string;
    device_id: string;
    authentication_key: Json<EcJwk>;
    signing_key: Json<EcJwk>;
    agreement_key: Json<EcJwk>;
    key_level: string;
    platform: string;
    name_sealed: Buffer;
    signing_certificate_sealed: Buffer;
    enrolled_at: Date;
    revoked_at: Date | null;
    revoked_because: string | null;
    enrolment_evidence_id: string;
  };
  signing_certificates: {
    serial_number: Buffer;
    account_id: string;
    device_id: string;
    not_after: Date;
    revoked_at: ColumnType<Date | null, Date | null | undefined>;
  };
  certificates: {
    account_id: string;
    serial_lookup: Buffer;
    kind: "signature" | "authentication";
    source: "proof" | "jlis";
    certificate_sealed: Buffer | null;
    serial_sealed: Buffer;
    not_after: Date | null;
    status: string;
    status_checked_at: Date;
    status_evidence_sealed: Buffer | null;
    linked_at: Date;
  };
  certificate_accounts: { serial_lookup: Buffer; account_id: string };
  revocation_lists: { digest: Buffer; der: Buffer; stored_at: Date };
  attributes: {
    account_id: string;
    version: number;
    attributes_sealed: Buffer;
    source: string;
    serial_lookup: Buffer;
    verified_at: Date;
  };
  enrolments: {
    enrolment_id: string;
    challenge: string;
    key_thumbprint: string;
    created_at: Date;
    expires_at: Date;
    completion_digest: Buffer | null;
    result_sealed: Buffer | null;
  };
  requests: {
    request_id: string;
    kind: RequestKind;
    state: "created" | "opened" | "approved" | "completed" | "declined" | "expired" | "cancelled" | "failed";
    client_id: string;
    asked: Json<Asked>;
    document_sealed: ColumnType<Buffer | null, Buffer | null | undefined>;
    presentation_sealed: ColumnType<Buffer | null, Buffer | null | undefined>;
    via: "link" | "qr" | "push" | null;
    message_sealed: ColumnType<Buffer | null, Buffer | null | undefined>;
    account_id: string | null;
    device_id: string | null;
    display_digest: string | null;
    display_sealed: Buffer | null;
    check_number: string | null;
    proximity_secret: Buffer;
    wrong_codes: number;
    return_secret_hash: Buffer | null;
    granted_items: ItemName[] | null;
    user_verification: "biometric" | "app_pin" | null;
    key_level: string | null;
    evidence_id: string | null;
    result_sealed: Buffer | null;
    failure_code: string | null;
    created_at: Date;
    expires_at: Date;
    opened_at: Date | null;
    decided_at: Date | null;
    completed_at: Date | null;
  };
  hand_overs: {
    request_id: string;
    client_id: string;
    envelope_sealed: Buffer | null;
    created_at: Date;
    expires_at: Date;
    collected_at: Date | null;
  };
  consents: {
    account_id: string;
    client_id: string;
    client_name: Json<BilingualText>;
    domain: string;
    items: ItemName[];
    granted_at: Date;
    last_used_at: Date;
    revoked_at: Date | null;
    requests_blocked_at: Date | null;
  };
  subjects: { subject: string; sector: string; account_id: string; created_at: Date };
  sessions: {
    account_id: string;
    client_id: string;
    sid: string;
    device_id: string;
    started_at: Date;
    expires_at: Date;
    ended_at: ColumnType<Date | null, Date | null | undefined>;
    ended_because: ColumnType<string | null, string | null | undefined>;
    next_attempt_at: ColumnType<Date | null, Date | null | undefined>;
    attempts: number;
  };
  back_channel_announcements: {
    request_id: string;
    client_id: string;
    content_sealed: Buffer;
    attempts: number;
    next_attempt_at: Date;
    expires_at: Date;
  };
  addressed_requests: {
    account_id: string;
    request_id: string;
    client_id: string;
    created_at: Date;
    expires_at: Date;
  };
  documents: {
    client_id: string;
    document_id: string;
    name_sealed: Buffer;
    pages: number;
    original_size: number;
    original_digest: string;
    size: number;
    digest: string;
    level: SignatureLevel;
    signing_order: "serial" | "any";
    report: Json<ValidationReport> | null;
    created_at: Date;
    expires_at: Date;
  };
  document_parts: { client_id: string; document_id: string; begins_at: number; content_sealed: Buffer };
  document_signers: {
    client_id: string;
    document_id: string;
    position: number;
    subject: string | null;
    seal: ColumnType<Seal | null, string | null, string | null>;
    signed_at: Date | null;
    request_id: string | null;
    evidence_id: string | null;
  };
  evidence: {
    account_id: string;
    evidence_id: string;
    kind: string;
    client_id: string | null;
    request_id: string | null;
    record_sealed: Buffer;
    client_record_sealed: Buffer | null;
    commitment: Buffer;
    created_at: Date;
  };
  evidence_queue: { account_id: string; evidence_id: string; commitment: Buffer; queued_at: Date };
  /** bigint is text. */
  evidence_leaves: { account_id: string; evidence_id: string; log: string; leaf_index: string };
  log_tiles: { log: string; level: number; tile_index: string; content: Buffer };
  relationships: {
    account_id: string;
    client_id: string;
    ended_at: Date | null;
    hold_sealed: Buffer | null;
    changed_at: Date;
    erased_at: Date | null;
  };
  evidence_erasures: { account_id: string; evidence_id: string; commitment: Buffer; erasure_evidence_id: string };
  log_checkpoints: {
    log: string;
    size: string;
    checkpoint: string;
    cosignatures: number;
    token: Buffer | null;
    token_list: Buffer | null;
    token_time: Date | null;
    evidence_id: string | null;
    published_at: Date;
  };
  log_heads: { log: string; size: string; checkpoint: string; signed_at: Date };
  oidc_artefacts: {
    id: string;
    model: string;
    payload: Json<object>;
    grant_id: string | null;
    account_id: string | null;
    client_id: string | null;
    consumed_at: Date | null;
    expires_at: Date | null;
  };
  webhook_endpoints: {
    client_id: string;
    endpoint_id: string;
    form: "webhook" | "set_push" | "set_poll";
    url: string | null;
    description: string;
    event_types: EventType[];
    keys_sealed: Buffer;
    created_at: Date;
    failing_since: Date | null;
    disabled_at: Date | null;
    disabled_because: "by_client" | "failing" | "gone" | null;
  };
  events: {
    client_id: string;
    event_id: string;
    type: EventType;
    account_id: string | null;
    data: Json<EventRecord>;
    created_at: Date;
    expires_at: Date;
  };
  deliveries: {
    client_id: string;
    event_id: string;
    endpoint_id: string;
    state: "pending" | "delivered" | "failed";
    next_attempt_at: Date | null;
    give_up_at: Date;
    attempts: Json<DeliveryAttempt[]>;
    created_at: Date;
    ended_at: Date | null;
    expires_at: Date;
  };
  idempotent_calls: {
    client_id: string;
    key_digest: Buffer;
    call_digest: Buffer;
    creates_id: string;
    claimed_until: Date;
    answer_sealed: Buffer | null;
    expires_at: Date;
  };
  used_identifiers: { identifier: string; expires_at: Date };
};

export type Database = Kysely<Tables>;

/** Inside `transaction`: the same queries, one transaction. */
export type DatabaseTransaction = Transaction<Tables>;

export type OpenDatabase = {
  database: Database;
  /** What `database` sends single statements over: for named ones on hot paths. */
  statements: PipelinedConnections;
  /**
   * The same database, but a commit is not waited for until it is on disk: for what may be lost in a power cut, or is
   * followed by a commit through the others before anybody is told. The log is written in order, so that commit takes
   * everything before it to disk too. A killed process loses nothing either way. No transactions here.
   */
  unsynced: Database;
  unsyncedStatements: PipelinedConnections;
  close(): Promise<void>;
};

/** Several, since each waits for the disk in turn; commits that wait at the same time are written together. */
const syncedConnections = 4;
const unsyncedConnections = 2;

/** Nothing is connected until the first query. */
export function openDatabase(connection: pg.PoolConfig): OpenDatabase {
  const settings = { connectionTimeoutMillis: 10_000, application_name: "xid", ...connection };
  const pool = new pg.Pool({ max: 10, ...settings });
  // An idle connection that the server closes is replaced at the next query; unheard, it would end the process.
  pool.on("error", () => undefined);
  const statements = new PipelinedConnections(settings, { count: syncedConnections });
  const unsyncedSettings = { ...settings, options: "-c synchronous_commit=off" };
  const unsyncedStatements = new PipelinedConnections(unsyncedSettings, { count: unsyncedConnections });
  return {
    database: new Kysely<Tables>({ dialect: pipelinedDialect(statements, withPreparedStatements(pool)) }),
    statements,
    unsynced: new Kysely<Tables>({ dialect: pipelinedDialect(unsyncedStatements, noTransactions) }),
    unsyncedStatements,
    async close() {
      await Promise.all([pool.end(), statements.end(), unsyncedStatements.end()]);
    },
  };
}

const noTransactions: PostgresPool = {
  connect: () => Promise.reject(new TypeError("a transaction is waited for until it is on disk")),
  end: async () => undefined,
  options: {},
};

const maxAttempts = 5;

/**
 * Runs `work` in one transaction and again when the database asks for it (40001, 40P01, a stale plan), at most five times.
 * `work` must therefore be repeatable and do nothing but queries. Nested transactions are not supported.
 */
export async function transaction<T>(database: Database, work: (tx: DatabaseTransaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction().execute(work);
    } catch (error) {
      if (attempt === maxAttempts || !(isSerializationFailure(error) || isStalePlan(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt * 5));
    }
  }
}

function isSerializationFailure(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === "40001" || error.code === "40P01");
}
