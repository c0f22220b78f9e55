-- Checkpoints of the log that somebody else has vouched for: witnesses (in the note itself), a time-stamping authority, or
-- both. What they cover can't be taken back unnoticed. Those without a token go once a stamped one covers them.
CREATE TABLE log_checkpoints (
  log text NOT NULL,
  size bigint NOT NULL,
  checkpoint text NOT NULL,
  -- How many witnesses have signed it.
  cosignatures integer NOT NULL,
  -- RFC 3161 token over the checkpoint's text, the authority's revocation list at that time, and when by its clock.
  token bytea,
  token_list bytea,
  token_time timestamptz,
  -- A stamp is an entry of the log itself (evidence/checkpoint-stamp.ts), under this id of no account.
  evidence_id uuid,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (log, size)
);
CREATE INDEX log_checkpoints_stamped ON log_checkpoints (log, size) WHERE token IS NOT NULL;

-- How long a relying party's evidence of a person is kept: for years from the end of their relationship, and as long as it is held.
CREATE TABLE relationships (
  account_id uuid NOT NULL,
  client_id text NOT NULL,
  ended_at timestamptz,
  -- Why it must not be erased, such as a court's order.
  hold_sealed bytea,
  changed_at timestamptz NOT NULL,
  -- When everything of it was erased.
  erased_at timestamptz,
  PRIMARY KEY (account_id, client_id)
);
CREATE INDEX relationships_ended ON relationships (ended_at) WHERE erased_at IS NULL AND hold_sealed IS NULL;

-- Evidence that was erased at the end of its time. The log keeps the commitments; the record under erasure_evidence_id says
-- what was erased and why.
CREATE TABLE evidence_erasures (
  account_id uuid NOT NULL,
  evidence_id uuid NOT NULL,
  commitment bytea NOT NULL,
  erasure_evidence_id uuid NOT NULL,
  PRIMARY KEY (account_id, evidence_id)
);
