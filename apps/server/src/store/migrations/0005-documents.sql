-- Files that relying parties hand in to be signed, with all that was appended since. Kept with their client.
CREATE TABLE documents (
  client_id text NOT NULL,
  document_id uuid NOT NULL,
  name_sealed bytea NOT NULL,
  pages integer NOT NULL,
  -- As it was handed in: octets and SHA-256.
  original_size integer NOT NULL,
  original_digest text NOT NULL,
  -- As it is now.
  size integer NOT NULL,
  digest text NOT NULL,
  level text NOT NULL,
  -- serial: each signer waits for the one before; any: in any order, one after the other.
  signing_order text NOT NULL,
  -- What was found of the newest signature and those before it.
  report jsonb,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, document_id)
);
CREATE INDEX documents_expiry ON documents (expires_at);

-- The octets, in pieces. A signature only ever appends: the piece that begins where the file ended.
CREATE TABLE document_parts (
  client_id text NOT NULL,
  document_id uuid NOT NULL,
  begins_at integer NOT NULL,
  content_sealed bytea NOT NULL,
  PRIMARY KEY (client_id, document_id, begins_at)
);

-- Who signs a document, from 1 on.
CREATE TABLE document_signers (
  client_id text NOT NULL,
  document_id uuid NOT NULL,
  position integer NOT NULL,
  -- The pairwise subject of the one person who may; null: whoever opens the request.
  subject text,
  -- Where and with what words the signature is seen.
  seal jsonb,
  signed_at timestamptz,
  request_id text,
  evidence_id uuid,
  PRIMARY KEY (client_id, document_id, position)
);
