-- The simulated Japan. Times are milliseconds since 1970; keys are PKCS #8 DER; certificates are DER.

-- One row for each generation: the same name, another key.
CREATE TABLE authorities (
  kind                  TEXT NOT NULL CHECK (kind IN ('signature', 'authentication')),
  generation            INTEGER NOT NULL,
  certificate           BLOB NOT NULL,
  private_key           BLOB NOT NULL,
  responder_certificate BLOB NOT NULL,
  responder_private_key BLOB NOT NULL,
  crl_number            INTEGER NOT NULL,
  PRIMARY KEY (kind, generation)
) STRICT;

-- 発行番号: one counter for each kind, over all generations and media.
CREATE TABLE serial_numbers (
  kind TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) STRICT;

INSERT INTO serial_numbers VALUES ('signature', 0x01000001), ('authentication', 0x01000001);

-- Roots and signers of time stamps; the newest stamps.
CREATE TABLE timestamp_authorities (
  begins_at        INTEGER PRIMARY KEY,
  root             BLOB NOT NULL,
  root_private_key BLOB NOT NULL,
  certificate      BLOB NOT NULL,
  private_key      BLOB NOT NULL
) STRICT;

-- Keys of the simulated card issuer, as JSON, as far as a card has needed them.
CREATE TABLE card_issuer (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  keys TEXT NOT NULL
) STRICT;

-- Residents who are computed from this row until somebody meets them; then they are people like all others.
CREATE TABLE town (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  seed         INTEGER NOT NULL,
  residents    INTEGER NOT NULL,
  founded_on   TEXT NOT NULL,
  first_serial INTEGER NOT NULL
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
  standing   TEXT NOT NULL CHECK (standing IN ('resident', 'abroad', 'deceased')),
  pins       TEXT NOT NULL,
  card_standing TEXT NOT NULL CHECK (card_standing IN ('none', 'valid', 'suspended', 'void')),
  card       TEXT,
  card_number INTEGER NOT NULL,
  phone_model TEXT CHECK (phone_model IN ('android', 'iphone')),
  phone      TEXT,
  created_at INTEGER NOT NULL
) STRICT;

-- person_id, medium and municipality are null for the certificates of the authority itself. municipality: the one whose
-- revocation list names it, for good. held: the one that the person's card or phone holds now.
CREATE TABLE certificates (
  kind         TEXT NOT NULL,
  serial       INTEGER NOT NULL,
  generation   INTEGER NOT NULL,
  person_id    TEXT REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED,
  medium       TEXT CHECK (medium IN ('card', 'phone')),
  municipality TEXT,
  der          BLOB NOT NULL,
  not_before   INTEGER NOT NULL,
  not_after    INTEGER NOT NULL,
  revoked_at   INTEGER,
  reason       TEXT,
  held         INTEGER NOT NULL,
  PRIMARY KEY (kind, serial),
  FOREIGN KEY (kind, generation) REFERENCES authorities (kind, generation),
  CHECK ((person_id IS NULL) = (medium IS NULL) AND (person_id IS NULL) = (municipality IS NULL)),
  CHECK ((revoked_at IS NULL) = (reason IS NULL))
) STRICT;

CREATE INDEX certificates_of_person ON certificates (person_id, kind, serial);
CREATE INDEX revoked_certificates ON certificates (kind, generation, serial) WHERE revoked_at IS NOT NULL;
CREATE UNIQUE INDEX held_certificate ON certificates (person_id, kind, medium) WHERE held = 1;

CREATE TABLE life_events (
  sequence  INTEGER PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES people (id),
  at        INTEGER NOT NULL,
  type      TEXT NOT NULL,
  state     TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'cancelled')),
  input     TEXT NOT NULL,
  outcome   TEXT,
  CHECK ((outcome IS NULL) = (state IN ('pending', 'cancelled')))
) STRICT;

CREATE INDEX life_events_of_person ON life_events (person_id, at, sequence);
CREATE INDEX pending_life_events ON life_events (at, sequence) WHERE state = 'pending';

-- The one row: how many milliseconds the world's clock is ahead of the machine's, and will be once everything that is
-- due on the way has happened.
CREATE TABLE clock (
  only        INTEGER PRIMARY KEY CHECK (only = 1),
  ahead       INTEGER NOT NULL CHECK (ahead >= 0),
  destination INTEGER NOT NULL CHECK (destination >= ahead)
) STRICT;

INSERT INTO clock VALUES (1, 0, 0);

CREATE TABLE verifiers (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  jwk           TEXT NOT NULL,
  registered_at INTEGER NOT NULL
) STRICT;

-- Faults that are switched on. target: whom one is for, in one word. detail: JSON of everything but the times.
CREATE TABLE faults (
  kind       TEXT NOT NULL,
  target     TEXT NOT NULL,
  detail     TEXT NOT NULL,
  set_at     INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (kind, target)
) STRICT;

-- What J-LIS's change list is made from: a certificate ended, or its holder was given another one.
CREATE TABLE certificate_changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     TEXT NOT NULL,
  serial   INTEGER NOT NULL
) STRICT;

CREATE TRIGGER certificate_ended AFTER UPDATE OF revoked_at ON certificates WHEN new.revoked_at IS NOT NULL
BEGIN
  INSERT INTO certificate_changes (kind, serial) VALUES (new.kind, new.serial);
END;

CREATE TRIGGER certificate_issued AFTER INSERT ON certificates WHEN new.person_id IS NOT NULL
BEGIN
  INSERT INTO certificate_changes (kind, serial)
    SELECT kind, serial FROM certificates
    WHERE person_id = new.person_id AND (new.revoked_at IS NOT NULL OR (kind, serial) <> (new.kind, new.serial));
END;

-- 提供同意, with what the person signed. items: JSON.
CREATE TABLE consents (
  id            TEXT PRIMARY KEY,
  verifier_id   TEXT NOT NULL REFERENCES verifiers (id),
  person_id     TEXT NOT NULL REFERENCES people (id),
  provider      TEXT NOT NULL,
  service       TEXT NOT NULL,
  items         TEXT NOT NULL,
  signed_at     INTEGER NOT NULL,
  registered_at INTEGER NOT NULL,
  valid_until   INTEGER NOT NULL,
  document      BLOB NOT NULL,
  signature     BLOB NOT NULL,
  certificate   BLOB NOT NULL
) STRICT;

CREATE INDEX consents_of_service ON consents (person_id, verifier_id, provider, service);

CREATE TABLE ended_consents (
  sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
  consent_id  TEXT NOT NULL UNIQUE REFERENCES consents (id),
  verifier_id TEXT NOT NULL REFERENCES verifiers (id),
  because     TEXT NOT NULL CHECK (because IN ('withdrawn', 'replaced')),
  at          INTEGER NOT NULL,
  signed_at   INTEGER NOT NULL,
  document    BLOB,
  signature   BLOB,
  certificate BLOB,
  CHECK ((because = 'withdrawn') = (document IS NOT NULL))
) STRICT;

CREATE INDEX ended_consents_of_verifier ON ended_consents (verifier_id, sequence);

CREATE TABLE used_tokens (
  verifier_id TEXT NOT NULL REFERENCES verifiers (id),
  token_id    TEXT NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (verifier_id, token_id)
) STRICT;
