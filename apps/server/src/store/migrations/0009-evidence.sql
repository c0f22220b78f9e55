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
