-- Where a relying party wants its events: by signed POST (webhook), as security event tokens by POST (set_push, RFC 8935), or
-- kept until it asks (set_poll, RFC 8936).
CREATE TABLE webhook_endpoints (
  client_id text NOT NULL,
  endpoint_id uuid NOT NULL,
  form text NOT NULL,
  -- Null where nothing is pushed.
  url text,
  description text NOT NULL,
  event_types text[] NOT NULL,
  -- What it is signed with now and, for an overlap, what it was signed with before.
  keys_sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  -- Since when nothing has arrived.
  failing_since timestamptz,
  disabled_at timestamptz,
  disabled_because text,
  PRIMARY KEY (client_id, endpoint_id)
);

-- What happened, written in the transaction in which it did; only where the client has an endpoint for it.
CREATE TABLE events (
  client_id text NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  account_id uuid,
  -- No attributes, nothing secret: what is told beyond it is looked up then.
  data jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, event_id)
);
CREATE INDEX events_order ON events (client_id, created_at);
CREATE INDEX events_expiry ON events (expires_at);

-- One event on its way to one endpoint.
CREATE TABLE deliveries (
  client_id text NOT NULL,
  event_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  state text NOT NULL,
  -- A worker that takes it puts this forward: if that worker is killed, another one takes it then. Null: nothing is pushed.
  next_attempt_at timestamptz,
  give_up_at timestamptz NOT NULL,
  -- Time, status or error, and duration of each.
  attempts jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, event_id, endpoint_id)
);
CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE state = 'pending';
CREATE INDEX deliveries_order ON deliveries (client_id, created_at);
CREATE INDEX deliveries_expiry ON deliveries (expires_at);

-- Answers to calls that create something, so that the same call again gets the same answer.
CREATE TABLE idempotent_calls (
  client_id text NOT NULL,
  -- SHA-256 of the key.
  key_digest bytea NOT NULL,
  -- SHA-256 of method, path and body.
  call_digest bytea NOT NULL,
  -- What the call creates has this id, also when it is made a second time because nobody heard of the first.
  creates_id uuid NOT NULL,
  -- Until then somebody is at it.
  claimed_until timestamptz NOT NULL,
  answer_sealed bytea,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, key_digest)
);
CREATE INDEX idempotent_calls_expiry ON idempotent_calls (expires_at);

-- For those that end by time alone and are to be announced.
CREATE INDEX requests_expiry ON requests (expires_at);
