-- What becomes of people between two readings of their card: whether anything has changed, what J-LIS says now, and who is
-- told of it.

-- Whether the signature certificate that an account stands on still stands, as last found out.
CREATE TABLE identity_states (
  account_id uuid PRIMARY KEY,
  serial_lookup bytea NOT NULL,
  status text NOT NULL,
  reason text,
  -- When it changed, by J-LIS's word; null while nothing has, and where J-LIS does not say.
  changed_at timestamptz,
  checked_at timestamptz NOT NULL,
  -- card: at its reading. jlis: J-LIS was asked about this one.
  source text NOT NULL
);

-- 提供同意: what a person's card signed so that J-LIS may say what has changed. The newest one of each account.
CREATE TABLE jlis_consents (
  account_id uuid PRIMARY KEY,
  -- waiting: J-LIS has not taken it yet · valid · withdrawn · ended (by J-LIS's word, or not taken by it).
  state text NOT NULL,
  -- J-LIS's name for it.
  consent_id text,
  -- The document with signature and certificate, until J-LIS has taken it.
  signed_sealed bytea,
  changed_at timestamptz NOT NULL
);
CREATE INDEX jlis_consents_waiting ON jlis_consents (account_id) WHERE state = 'waiting';
CREATE INDEX jlis_consents_name ON jlis_consents (consent_id) WHERE consent_id IS NOT NULL;

-- 継続的な提供への同意: which items of a person a client is told of when they change.
CREATE TABLE continuous_consents (
  account_id uuid NOT NULL,
  client_id text NOT NULL,
  items text[] NOT NULL,
  -- As the person read it.
  purpose jsonb NOT NULL,
  granted_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- Of the client's list: what stood in it before is not theirs to see.
  number_before bigint NOT NULL,
  PRIMARY KEY (account_id, client_id)
);

CREATE INDEX consents_client ON consents (client_id, account_id) WHERE revoked_at IS NULL;

-- The number of the last change in each client's list. Its row is the lock under which the list grows, so that numbers are
-- seen in their order.
CREATE TABLE change_lists (
  client_id text PRIMARY KEY,
  last_number bigint NOT NULL
);
CREATE TABLE attribute_changes (
  client_id text NOT NULL,
  number bigint NOT NULL,
  account_id uuid NOT NULL,
  -- Of the attributes: what they became, and what they were.
  version integer NOT NULL,
  version_before integer NOT NULL,
  items text[] NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, number)
);

-- Who has read whose latest attributes, and why.
CREATE TABLE attribute_reads (
  account_id uuid NOT NULL,
  read_id uuid NOT NULL,
  client_id text NOT NULL,
  items text[] NOT NULL,
  purpose_sealed bytea NOT NULL,
  read_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, read_id)
);

-- Work that one of many processes does at a time: whoever holds the lease, which it renews while it works.
CREATE TABLE leases (
  name text PRIMARY KEY,
  holder uuid NOT NULL,
  held_until timestamptz NOT NULL
);

-- Questions to J-LIS about everybody.
CREATE TABLE sweeps (
  sweep_id uuid PRIMARY KEY,
  -- asking: what may have changed · working: through what has · done
  state text NOT NULL,
  -- J-LIS's numbers for where this sweep began (null: with everything) and where the next one goes on.
  mark_before bigint,
  mark bigint,
  ended_mark bigint NOT NULL,
  started_at timestamptz NOT NULL,
  -- From when on nothing that J-LIS knew was missed, by the clock that certificates go by.
  asked_at timestamptz NOT NULL,
  finished_at timestamptz,
  asked integer NOT NULL,
  changed integer NOT NULL,
  versions integer NOT NULL,
  calls integer NOT NULL
);

-- Whom a sweep still has to ask about.
CREATE TABLE sweep_items (
  account_id uuid NOT NULL,
  sweep_id uuid NOT NULL,
  PRIMARY KEY (account_id, sweep_id)
);
CREATE INDEX sweep_items_sweep ON sweep_items (sweep_id, account_id);

-- Questions of clients about many people.
CREATE TABLE identity_checks (
  client_id text NOT NULL,
  check_id uuid NOT NULL,
  state text NOT NULL,
  total integer NOT NULL,
  done integer NOT NULL,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, check_id)
);
CREATE INDEX identity_checks_running ON identity_checks (created_at) WHERE state = 'running';
CREATE INDEX identity_checks_expiry ON identity_checks (expires_at);
CREATE TABLE identity_check_items (
  client_id text NOT NULL,
  check_id uuid NOT NULL,
  position integer NOT NULL,
  account_id uuid NOT NULL,
  status text,
  reason text,
  changed_at timestamptz,
  checked_at timestamptz,
  source text,
  PRIMARY KEY (client_id, check_id, position)
);
