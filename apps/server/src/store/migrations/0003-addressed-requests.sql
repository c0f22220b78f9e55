-- Which account a subject leads back to. The subject is a keyed hash over sector and account (oidc/subjects.ts), so alone in
-- its key it spreads over all shards.
CREATE TABLE subjects (
  subject text NOT NULL,
  sector text NOT NULL,
  account_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (subject, sector)
);

-- Requests that a relying party has addressed to a person: what their app lists, and what their number is held to.
CREATE TABLE addressed_requests (
  account_id uuid NOT NULL,
  request_id text NOT NULL,
  client_id text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, request_id)
);
CREATE INDEX addressed_requests_expiry ON addressed_requests (expires_at);

-- Clients that want to be told when a request which they have sent has ended (CIBA, ping). content: auth_req_id and the
-- token that the client gave for it.
CREATE TABLE back_channel_announcements (
  request_id text PRIMARY KEY,
  client_id text NOT NULL,
  content_sealed bytea NOT NULL,
  attempts integer NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX back_channel_announcements_due ON back_channel_announcements (next_attempt_at);
