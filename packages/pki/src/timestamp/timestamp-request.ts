import { readDigestAlgorithm } from "../cms/digest-algorithm.ts";
import { digestOids } from "../cms/oids.ts";
import { DerReader } from "../der/reader.ts";
import { contextConstructed, tags } from "../der/tags.ts";
import { boolean, integer, objectIdentifier, octetString, sequence, unsignedInteger } from "../der/writer.ts";
import { PkiError } from "../pki-error.ts";
import type { HashName } from "../rsa-signature.ts";

const maxOctets = 8192;

/** A digest, and by which hash it was made. */
export type MessageImprint = { readonly hash: HashName; readonly digest: Buffer };

export type TimestampRequest = {
  readonly imprint: MessageImprint;
  /** The policy that the token shall be under. */
  readonly policy: string | undefined;
  /** Content octets of the INTEGER. */
  readonly nonce: Buffer | undefined;
  /** Whether the authority's certificate shall be in the token. */
  readonly certificate: boolean;
};

/**
 * A request for a time stamp over a digest (RFC 3161 2.4.1), which asks for the authority's certificate too. `nonce` should be
 * 8 random octets or more, and must be given to `verifyTimestamp` again.
 */
export function buildTimestampRequest(input: {
  digest: Uint8Array;
  /** SHA-256 by default. */
  hash?: HashName;
  nonce?: Uint8Array;
  policy?: string;
}): Uint8Array {
  const { digest, hash = "sha256", nonce, policy } = input;
  if (digest.length * 8 !== Number(hash.slice(3))) throw new TypeError("the digest is not of its hash's length");
  return sequence(
    integer(Buffer.of(1)),
    sequence(sequence(objectIdentifier(digestOids[hash])), octetString(digest)),
    ...(policy === undefined ? [] : [objectIdentifier(policy)]),
    ...(nonce === undefined ? [] : [unsignedInteger(nonce)]),
    boolean(true),
  );
}

/** Parses a request. Throws `MALFORMED`, `WEAK_ALGORITHM`, `TOO_COMPLEX` or `UNSUPPORTED` (extensions, another version). */
export function parseTimestampRequest(der: Uint8Array): TimestampRequest {
  if (der.length > maxOctets) throw new PkiError("TOO_COMPLEX", "time-stamp request too long");
  const outer = new DerReader(Buffer.from(der));
  const request = outer.enter(tags.sequence);
  outer.finish();
  if (request.smallInteger() !== 1) throw new PkiError("UNSUPPORTED", "version of the time-stamp request");
  const imprint = readMessageImprint(request);
  const policy = request.tag === tags.oid ? request.oid() : undefined;
  const nonce = request.tag === tags.integer ? request.integer() : undefined;
  const certificate = request.flag();
  if (request.tag === contextConstructed(0)) throw new PkiError("UNSUPPORTED", "extensions in a time-stamp request");
  request.finish();
  return { imprint, policy, nonce, certificate };
}

export function readMessageImprint(reader: DerReader): MessageImprint {
  const imprint = reader.enter(tags.sequence);
  const hash = readDigestAlgorithm(imprint);
  const digest = imprint.content(tags.octetString);
  imprint.finish();
  if (digest.length * 8 !== Number(hash.slice(3))) throw new PkiError("MALFORMED", "a digest that is not of its hash");
  return { hash, digest };
}
