import { createHash } from "node:crypto";
import {
  addValidationData,
  buildOcspRequest,
  type Certificate,
  type TimestampSource,
  timestampPdf,
  verifyTimestamp,
} from "@xid/pki";
import { type SignatureLevel, type SigningDisplay, signedContent, type ValidationReport } from "@xid/protocol";
import { DocumentError } from "../document/document-error.ts";
import type { Timestamp, TimestampAuthority } from "../evidence/timestamp-authority.ts";
import type { Platform } from "../platform.ts";
import { answerOcsp } from "./answer-ocsp.ts";
import type { SigningDraft } from "./draft-signing.ts";
import { SigningRevocationList } from "./signing-revocation-list.ts";
import { type Trust, validateCms, validateSignedPdf, validateSigner } from "./validate-signed.ts";

export type Finished = {
  /** The PDF file, CMS in DER, or a compact JWS in ASCII. */
  signed: Uint8Array;
  report: ValidationReport;
};

/** One signature by the device's key, on the way to its level. */
type Finishing = {
  display: SigningDisplay;
  draft: SigningDraft;
  /** r ‖ s */
  signature: Uint8Array;
  certificate: Certificate;
};

/**
 * Puts the device's signature in its place, brings it to the level that was shown, and validates the whole before anybody has
 * it. Throws `DocumentError("TIMESTAMP_UNAVAILABLE")`, after which the same signature can be sent again; `NOT_SIGNABLE`; and
 * `PkiError` when the signature does not hold.
 */
export async function finishSigning(platform: Platform, finishing: Finishing): Promise<Finished> {
  const { display, draft, signature, certificate } = finishing;
  const { format, level } = display.signing;
  const stamps = new Stamps(platform.timestamps);
  const timestamp = level === "B-B" || format === "jws" ? undefined : stamps.source;
  let signed = await draft.finish(signature, timestamp);
  const standing = await standingOf(platform, certificate);
  if (format === "pdf" && isLongTerm(level)) {
    signed = addValidationData(signed, {
      certificates: [
        ...platform.signingAuthority.chain.map(({ der }) => der),
        ...(await stamps.certificates(platform)),
      ],
      ocspResponses: [standing.response],
      crls: [platform.signingAuthority.rootList, ...stamps.lists],
    });
    if (level === "B-LTA") signed = await timestampPdf(signed, stamps.source);
  }
  const trust = await trustOf(platform, standing, stamps);
  return { signed, report: validate(signed, finishing, platform.signingAuthority.chain, trust) };
}

const isLongTerm = (level: SignatureLevel) => level === "B-LT" || level === "B-LTA";

function validate(
  signed: Uint8Array,
  { display, certificate }: Finishing,
  issuers: readonly Certificate[],
  trust: Trust,
): ValidationReport {
  const { format, document } = display.signing;
  if (format === "pdf") return validateSignedPdf(signed, trust);
  if (format === "jws") return validateSigner(certificate, issuers, trust);
  const rendered = createHash("sha256").update(signedContent(display)).digest();
  return validateCms(signed, document.form === "data" ? Buffer.from(document.digest, "base64url") : rendered, trust);
}

type Standing = { response: Uint8Array; list: Uint8Array };

/** What the platform's own authority says of its certificates: of this one (OCSP), and of all that were issued (CRL). */
async function standingOf(platform: Platform, certificate: Certificate): Promise<Standing> {
  const issuer = platform.signingAuthority.chain[0];
  const [response, { der: list }] = await Promise.all([
    answerOcsp(platform, buildOcspRequest({ certificate, issuer })),
    listOf(platform).read(),
  ]);
  return { response, list };
}

const lists = new WeakMap<Platform, SigningRevocationList>();

/** Made anew every five minutes, not for each signature. */
function listOf(platform: Platform): SigningRevocationList {
  const list = lists.get(platform) ?? new SigningRevocationList(platform);
  lists.set(platform, list);
  return list;
}

async function trustOf(platform: Platform, { response, list }: Standing, stamps: Stamps): Promise<Trust> {
  const {
    chain: [, root],
    rootList,
  } = platform.signingAuthority;
  const [now, timestampAnchors] = await Promise.all([platform.jpki.now(), stamps.roots()]);
  return {
    anchors: [root],
    timestampAnchors,
    revocation: { ocspResponses: [response], crls: [list, rootList, ...stamps.lists], maxAge: 86_400 },
    // An authority's clock may be a little ahead of ours.
    time: new Date(Math.max(now, ...stamps.times)),
  };
}

/** The time stamps of one signature, and what later verification needs of them. */
class Stamps {
  readonly #authority: TimestampAuthority | undefined;
  readonly #taken: (Timestamp & { digest: Uint8Array })[] = [];

  constructor(authority: TimestampAuthority | undefined) {
    this.#authority = authority;
  }

  readonly source: TimestampSource = async (digest) => {
    if (!this.#authority) throw new DocumentError("LEVEL_UNAVAILABLE");
    try {
      const stamp = await this.#authority.stamp(digest);
      this.#taken.push({ ...stamp, digest });
      return stamp.token;
    } catch (cause) {
      throw new DocumentError("TIMESTAMP_UNAVAILABLE", "no time stamp could be had", { cause });
    }
  };

  /** Of the authority, where it has stamped: a signature without a time stamp does not depend on it. */
  async roots(): Promise<readonly Certificate[]> {
    if (!this.#authority || this.#taken.length === 0) return [];
    try {
      return await this.#authority.roots();
    } catch (cause) {
      throw new DocumentError("TIMESTAMP_UNAVAILABLE", "the authority's roots could not be had", { cause });
    }
  }

  get lists(): Uint8Array[] {
    return this.#taken.map(({ list }) => list);
  }

  get times(): number[] {
    return this.#taken.map(({ time }) => time.getTime());
  }

  /** DER of the authority's certificates up to its root. */
  async certificates({ jpki }: Pick<Platform, "jpki">): Promise<Uint8Array[]> {
    const anchors = await this.roots();
    const now = Math.max(await jpki.now(), ...this.times);
    return this.#taken.flatMap(({ token, digest }) => {
      const content = () => Buffer.from(digest);
      const { path } = verifyTimestamp(token, { content, anchors, time: new Date(now), revocation: "unchecked" });
      return [...path.path, path.anchor].map(({ der }) => der);
    });
  }
}
