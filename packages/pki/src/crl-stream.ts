import { createVerify, type Verify } from "node:crypto";
import { readSignatureAlgorithm } from "./algorithm.ts";
import type { Certificate } from "./certificate.ts";
import { type CrlBeginning, checkSameAlgorithm, crlContents, readCrlBeginning, readCrlExtensions } from "./crl.ts";
import { CrlEntryReader } from "./crl-entries.ts";
import { verifyCrlSigner, verifyCrlTime } from "./crl-signature.ts";
import { DerReader } from "./der/reader.ts";
import { tags } from "./der/tags.ts";
import { PkiError } from "./pki-error.ts";
import { VerifiedCrl } from "./verified-crl.ts";

/** What is in memory of the CRL itself. What stands around the entries, and each entry, must fit into it. */
const windowOctets = 256 * 1024;

/** Identifier and length octets of an entry. */
const headerOctets = 6;

export type CrlStreamInput = {
  issuer: Certificate;
  time: Date;
  /** Longer lists are refused. */
  maxOctets: number;
};

/**
 * `verifyCrl` for a CRL that arrives in chunks: each octet is hashed, read and forgotten, so that memory goes to the entries
 * in the form in which they are looked up, and to nothing else. Nothing is answered before the signature over all of it is
 * verified. A chunk may be reused as soon as the next is asked for.
 * Throws what `verifyCrl` throws and the errors of `chunks`, `TOO_COMPLEX` (more than `maxOctets`, or 256 KiB around or in an
 * entry), or `UNSUPPORTED` for an indirect CRL. Does not check whether `issuer` itself is trusted, valid or revoked.
 */
export async function verifyCrlStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  input: CrlStreamInput,
): Promise<VerifiedCrl> {
  const stream = new CrlStream(input);
  for await (const chunk of chunks) stream.push(chunk);
  return stream.finish();
}

/** Positions count from the beginning of the CRL. */
type Extent = { tbsEnd: number; listEnd: number; end: number };

type Begun = { beginning: CrlBeginning; extent: Extent; entries: CrlEntryReader; verify: Verify };

class CrlStream {
  readonly #input: CrlStreamInput;
  readonly #window = Buffer.allocUnsafe(windowOctets);
  /** Where the window begins, what of it has been read and how far it is filled, the latter two in the window. */
  #offset = 0;
  #read = 0;
  #filled = 0;
  #begun: Begun | undefined;
  /** How far the signed octets are hashed. */
  #hashed = 0;

  constructor(input: CrlStreamInput) {
    this.#input = input;
  }

  push(chunk: Uint8Array): void {
    const { maxOctets } = this.#input;
    if (this.#offset + this.#filled + chunk.length > maxOctets) {
      throw new PkiError("TOO_COMPLEX", `a CRL of more than ${maxOctets} octets`);
    }
    for (let taken = 0; taken < chunk.length; ) {
      const piece = chunk.subarray(taken, taken + windowOctets - this.#filled);
      this.#window.set(piece, this.#filled);
      this.#filled += piece.length;
      taken += piece.length;
      if (this.#filled === windowOctets) this.#advance();
    }
  }

  finish(): VerifiedCrl {
    this.#advance();
    const { beginning, extent, entries, verify } = this.#begun!;
    if (this.#offset + this.#filled !== extent.end)
      throw new PkiError("MALFORMED", "the CRL ends elsewhere than it says");
    if (this.#offset + this.#read !== extent.listEnd) throw new PkiError("MALFORMED", "entry is cut");
    const rest = Buffer.from(this.#window.subarray(this.#read, this.#filled));
    const tbs = new DerReader(rest, 0, extent.tbsEnd - extent.listEnd);
    const extensions = readCrlExtensions(tbs);
    tbs.finish();
    const outer = new DerReader(rest, tbs.end);
    const signatureAlgorithm = readSignatureAlgorithm(outer);
    const signature = outer.octetsOfBitString();
    outer.finish();
    checkSameAlgorithm(beginning.signatureAlgorithm, signatureAlgorithm);
    const crl = crlContents(beginning, entries.finish(), extensions);
    if (crl.issuingDistributionPoint?.indirect === true)
      throw new PkiError("UNSUPPORTED", "an indirect CRL as a stream");
    if (crl.deltaBase !== undefined) throw new PkiError("UNSUPPORTED", "a delta CRL alone answers nothing");

    const { issuer } = this.#input;
    verifyCrlSigner(crl, issuer);
    if (!verify.verify(issuer.publicKey, signature))
      throw new PkiError("SIGNATURE_INVALID", "signature does not match");
    return new VerifiedCrl(crl, issuer);
  }

  /** Reads what is in the window and makes room. */
  #advance(): void {
    this.#begun ??= this.#begin();
    this.#readEntries(this.#begun);
    this.#hash(this.#begun);
    if (this.#read === 0 && this.#filled === windowOctets)
      throw new PkiError("TOO_COMPLEX", "CRL with too long a part");
    this.#window.copyWithin(0, this.#read, this.#filled);
    this.#offset += this.#read;
    this.#filled -= this.#read;
    this.#read = 0;
  }

  #begin(): Begun {
    const { issuer, time, maxOctets } = this.#input;
    // A copy, because the window changes under what is kept of it. Only what goes on to the end may reach beyond it.
    const reader = new DerReader(Buffer.from(this.#window.subarray(0, this.#filled)), 0, Number.MAX_SAFE_INTEGER);
    const end = reader.open(tags.sequence);
    reader.end = end;
    const tbsStart = reader.position;
    const tbsEnd = reader.open(tags.sequence);
    reader.end = Math.min(tbsEnd, this.#filled);
    const beginning = readCrlBeginning(reader);
    const hasEntries = reader.tag === tags.sequence;
    reader.end = tbsEnd;
    const listEnd = hasEntries ? reader.open(tags.sequence) : reader.position;
    if (reader.position > this.#filled) throw new PkiError("MALFORMED", "CRL is cut, or begins too long");
    if (hasEntries && listEnd === reader.position)
      throw new PkiError("MALFORMED", "empty list of revoked certificates");
    if (!beginning.issuer.equals(issuer.subject)) throw new PkiError("UNTRUSTED", "CRL of another issuer");
    verifyCrlTime(beginning, time);
    const { known, oid } = beginning.signatureAlgorithm;
    if (known === undefined) throw new PkiError("UNSUPPORTED", `signature algorithm ${oid}`);
    if (known.key !== issuer.verificationKey.type)
      throw new PkiError("SIGNATURE_INVALID", "signature of another kind of key");
    this.#read = reader.position;
    this.#hashed = tbsStart;
    const entries = new CrlEntryReader(Math.min(listEnd - reader.position, maxOctets));
    return { beginning, extent: { tbsEnd, listEnd, end }, entries, verify: createVerify(known.hash) };
  }

  /** As many entries as have arrived whole. */
  #readEntries({ entries, extent }: Begun): void {
    const end = extent.listEnd - this.#offset;
    const reader = new DerReader(this.#window, this.#read, end);
    while (reader.position < end && reader.position + headerOctets <= this.#filled) {
      const start = reader.position;
      const entryEnd = reader.open(tags.sequence);
      reader.position = start;
      if (entryEnd > this.#filled) break;
      entries.read(reader);
    }
    this.#read = reader.position;
  }

  #hash({ extent, verify }: Begun): void {
    const end = Math.min(this.#offset + this.#filled, extent.tbsEnd);
    if (end <= this.#hashed) return;
    verify.update(this.#window.subarray(this.#hashed - this.#offset, end - this.#offset));
    this.#hashed = end;
  }
}
