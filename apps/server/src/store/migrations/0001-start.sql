-- Rules that keep this portable (PostgreSQL, Citus, YugabyteDB, CockroachDB) are linted by store/migrations.test.ts.
-- Every primary key starts with its distribution column. Columns that end in _sealed are AES-256-GCM under keys outside
-- the database (store/sealer.ts); columns that end in _lookup are keyed hashes.

CREATE TABLE accounts (
  account_id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL
);

-- One row per enrolled device of an account.
CREATE TABLE devices (
  account_id uuid NOT NULL,
  device_id uuid NOT NULL,
  authentication_key jsonb NOT NULL,
  signing_key jsonb NOT NULL,
  agreement_key jsonb NOT NULL,
  key_level text NOT NULL,
  platform text NOT NULL,
  name_sealed bytea NOT NULL,
  signing_certificate_sealed bytea NOT NULL,
  enrolled_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_because text,
  -- The record of the enrolment that bound these keys to the person's card.
  enrolment_evidence_id uuid NOT NULL,
  PRIMARY KEY (account_id, device_id)
);

-- Signing certificates that the platform has issued to devices, by INTEGER content: what its CRL and OCSP answer from.
CREATE TABLE signing_certificates (
  serial_number bytea PRIMARY KEY,
  account_id uuid NOT NULL,
  device_id uuid NOT NULL,
  not_after timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX signing_certificates_device ON signing_certificates (account_id, device_id);
CREATE INDEX signing_certificates_revoked ON signing_certificates (not_after) WHERE revoked_at IS NOT NULL;

-- JPKI certificates known to belong to an account. source: proof = its key signed for us, jlis = J-LIS named it.
CREATE TABLE certificates (
  account_id uuid NOT NULL,
  serial_lookup bytea NOT NULL,
  kind text NOT NULL,
  source text NOT NULL,
  certificate_sealed bytea,
  serial_sealed bytea NOT NULL,
  not_after timestamptz,
  status text NOT NULL,
  status_checked_at timestamptz NOT NULL,
  -- What the status rests on (jpki/check-status.ts: the OCSP response, or the digest of a revocation list).
  status_evidence_sealed bytea,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, serial_lookup)
);

-- Which account a certificate leads to.
CREATE TABLE certificate_accounts (
  serial_lookup bytea PRIMARY KEY,
  account_id uuid NOT NULL
);

-- Revocation lists that a status rests on, each once. Public data.
CREATE TABLE revocation_lists (
  digest bytea PRIMARY KEY,
  der bytea NOT NULL,
  stored_at timestamptz NOT NULL
);

-- Versions of the four attributes, newest last.
CREATE TABLE attributes (
  account_id uuid NOT NULL,
  version integer NOT NULL,
  attributes_sealed bytea NOT NULL,
  source text NOT NULL,
  serial_lookup bytea NOT NULL,
  verified_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, version)
);

CREATE TABLE enrolments (
  enrolment_id uuid PRIMARY KEY,
  challenge text NOT NULL,
  -- Thumbprint (RFC 7638) of the authentication key that began it.
  key_thumbprint text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- Set once: digest of the completion that was taken, and its sealed answer.
  completion_digest bytea,
  result_sealed bytea
);

-- The one engine: everything a relying party wants of a resident. request_id is the OpenID interaction's uid.
CREATE TABLE requests (
  request_id text PRIMARY KEY,
  kind text NOT NULL,
  state text NOT NULL,
  client_id text NOT NULL,
  -- What was asked: items with their required flag, purpose, redirect domain, offline access, and what the kind needs.
  asked jsonb NOT NULL,
  -- The text that is to be signed.
  document_sealed bytea,
  -- What goes to the relying party end to end: a JWE that only it can open, sealed once more.
  presentation_sealed bytea,
  -- push: addressed to account_id from the beginning, so that nobody else can open it.
  via text,
  -- What the relying party has to say about a request that it has addressed.
  message_sealed bytea,
  account_id uuid,
  device_id uuid,
  -- contentDigest of what the device was shown.
  display_digest text,
  display_sealed bytea,
  check_number text,
  -- Secret behind the QR codes of this request.
  proximity_secret bytea NOT NULL,
  -- How many wrong codes have been tried.
  wrong_codes integer NOT NULL,
  -- SHA-256 of the secret that brings a same-device approval back to the browser session where it began.
  return_secret_hash bytea,
  granted_items text[],
  user_verification text,
  -- The deciding device's, at that time.
  key_level text,
  evidence_id uuid,
  -- What the relying party gets beyond the decision: the signature.
  result_sealed bytea,
  failure_code text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  opened_at timestamptz,
  decided_at timestamptz,
  completed_at timestamptz
);

CREATE TABLE consents (
  account_id uuid NOT NULL,
  client_id text NOT NULL,
  -- As the person last saw them.
  client_name jsonb NOT NULL,
  domain text NOT NULL,
  items text[] NOT NULL,
  granted_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  revoked_at timestamptz,
  -- Since when the person wants no requests of this service that they have not begun.
  requests_blocked_at timestamptz,
  PRIMARY KEY (account_id, client_id)
);

CREATE TABLE evidence (
  account_id uuid NOT NULL,
  evidence_id uuid NOT NULL,
  kind text NOT NULL,
  client_id text,
  request_id text,
  record_sealed bytea NOT NULL,
  -- What the relying party may keep of the act (evidence/client-record.ts); null where there is none.
  client_record_sealed bytea,
  -- What the log will hold: of the record alone, or of both (evidence/record.ts).
  commitment bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, evidence_id)
);
CREATE INDEX evidence_client ON evidence (client_id, created_at, evidence_id) WHERE client_id IS NOT NULL;
CREATE INDEX evidence_id ON evidence (evidence_id);

-- Evidence that the log does not hold yet: written with the record, taken by the sequencer (evidence/sequencer.ts).
CREATE TABLE evidence_queue (
  account_id uuid NOT NULL,
  evidence_id uuid NOT NULL,
  commitment bytea NOT NULL,
  queued_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, evidence_id)
);
CREATE INDEX evidence_queue_order ON evidence_queue (queued_at);

-- Which leaf of the log holds the commitment of a record.
CREATE TABLE evidence_leaves (
  account_id uuid NOT NULL,
  evidence_id uuid NOT NULL,
  log text NOT NULL,
  leaf_index bigint NOT NULL,
  PRIMARY KEY (account_id, evidence_id)
);

-- The log as C2SP tlog-tiles; a tile at the right edge grows. content: hashes of 32 bytes, at level -1 the entries.
CREATE TABLE log_tiles (
  log text NOT NULL,
  level integer NOT NULL,
  tile_index bigint NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (log, level, tile_index)
);

-- The newest checkpoint of each log. Its row is the lock under which the log grows.
CREATE TABLE log_heads (
  log text PRIMARY KEY,
  size bigint NOT NULL,
  checkpoint text NOT NULL,
  signed_at timestamptz NOT NULL
);

-- Storage of the OpenID Provider (store/oidc-adapter.ts). id is a digest where the real one is a bearer secret.
CREATE TABLE oidc_artefacts (
  id text NOT NULL,
  model text NOT NULL,
  payload jsonb NOT NULL,
  grant_id text,
  account_id uuid,
  client_id text,
  consumed_at timestamptz,
  expires_at timestamptz,
  PRIMARY KEY (id, model)
);
CREATE INDEX oidc_artefacts_grant ON oidc_artefacts (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX oidc_artefacts_account ON oidc_artefacts (account_id, client_id) WHERE account_id IS NOT NULL;
CREATE INDEX oidc_artefacts_expiry ON oidc_artefacts (expires_at);

-- Identifiers that may be used once: device proofs. (Client assertions and DPoP proofs are oidc_artefacts.)
CREATE TABLE used_identifiers (
  identifier text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX used_identifiers_expiry ON used_identifiers (expires_at);
