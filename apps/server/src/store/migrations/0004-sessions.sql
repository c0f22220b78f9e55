-- Sign-ins at relying parties that want to be told when they end (OpenID Connect Back-Channel Logout). Nobody stays signed in
-- here; a row says that somebody may be signed in there.
CREATE TABLE sessions (
  account_id uuid NOT NULL,
  client_id text NOT NULL,
  -- What the ID token calls it.
  sid text NOT NULL,
  -- The device that approved it.
  device_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  -- Nobody is told of its end after that.
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_because text,
  -- While the client is to be told. A worker that takes it puts this forward: if that worker is killed, another one takes it.
  next_attempt_at timestamptz,
  attempts integer NOT NULL,
  PRIMARY KEY (account_id, client_id, sid)
);
CREATE INDEX sessions_due ON sessions (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);
