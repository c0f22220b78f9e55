-- The simulated Japan. Times are milliseconds since 1970; keys are PKCS #8 DER; certificates are DER.

CREATE TABLE authorities (
  kind                  TEXT PRIMARY KEY CHECK (kind IN ('signature', 'authentication')),
  certificate           BLOB NOT NULL,
  private_key           BLOB NOT NULL,
  responder_certificate BLOB NOT NULL,
  responder_private_key BLOB NOT NULL,
  next_serial           INTEGER NOT NULL,
  crl_number            INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
  id         TEXT PRIMARY KEY,
  persona    TEXT NOT NULL,
  name       TEXT NOT NULL,
  kana       TEXT NOT NULL,
  birthdate  TEXT NOT NULL,
  gender     TEXT NOT NULL CHECK (gender IN ('male', 'female', 'unknown')),
  address    TEXT NOT NULL,
  my_number  TEXT NOT NULL UNIQUE,
  pins       TEXT NOT NULL,
  card       TEXT NOT NULL,
  card_number INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- person_id is null for the certificates of the authority itself. on_card: the one that the person's card holds now.
CREATE TABLE certificates (
  kind       TEXT NOT NULL REFERENCES authorities (kind),
  serial     INTEGER NOT NULL,
  person_id  TEXT REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED,
  der        BLOB NOT NULL,
  not_before INTEGER NOT NULL,
  not_after  INTEGER NOT NULL,
  revoked_at INTEGER,
  reason     TEXT,
  on_card    INTEGER NOT NULL,
  PRIMARY KEY (kind, serial),
  CHECK ((revoked_at IS NULL) = (reason IS NULL))
) STRICT;

CREATE INDEX certificates_of_person ON certificates (person_id, kind, serial);
CREATE INDEX revoked_certificates ON certificates (kind, serial) WHERE revoked_at IS NOT NULL;
CREATE UNIQUE INDEX certificate_on_card ON certificates (person_id, kind) WHERE on_card = 1;

CREATE TABLE life_events (
  sequence  INTEGER PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES people (id),
  at        INTEGER NOT NULL,
  type      TEXT NOT NULL,
  detail    TEXT NOT NULL
) STRICT;

CREATE INDEX life_events_of_person ON life_events (person_id, sequence);

CREATE TABLE verifiers (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  jwk           TEXT NOT NULL,
  registered_at INTEGER NOT NULL
) STRICT;

CREATE TABLE used_tokens (
  verifier_id TEXT NOT NULL REFERENCES verifiers (id),
  token_id    TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (verifier_id, token_id)
) STRICT;
