-- Envelopes with My Numbers, on their way to the one relying party that can open them. The platform has no key to any.
CREATE TABLE hand_overs (
  request_id text PRIMARY KEY,
  client_id text NOT NULL,
  -- Sealed once more with the platform's key; null as soon as it was picked up, or was not in time.
  envelope_sealed bytea,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  collected_at timestamptz
);
CREATE INDEX hand_overs_expires_at ON hand_overs (expires_at);
