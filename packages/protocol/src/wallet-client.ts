import { fromBase64url, toBase64url } from "./bytes.ts";
import { canonicalJson, contentDigest, sha256 } from "./canonical.ts";
import { createDeviceProof, deviceProofHeader } from "./device-proof.ts";
import { maxSignedFileSize } from "./document-signature.ts";
import { type EnvelopeCrypto, envelopeDigest, requireOwnKey } from "./envelope.ts";
import { ProtocolError } from "./error.ts";
import { EvidenceFile, EvidenceHistory } from "./evidence.ts";
import { createHolderKey } from "./holder-key.ts";
import type { ItemName } from "./items.ts";
import { type EcJwk, type SigningKey, signJws } from "./jws.ts";
import {
  type CardSignature,
  type DeviceSignature,
  EndedSessions,
  type EnrolmentCompletion,
  EnrolmentResult,
  EnrolmentStart,
  IssuedCredential,
  JlisWithdrawn,
  LinkedServices,
  Me,
  type RequestApproval,
  RequestDecision,
  RequestDisplay,
  type RequestOpening,
  type ServiceSettings,
  WaitingRequests,
} from "./messages.ts";
import { Problem } from "./problem.ts";
import { checkSigning, type SigningDisplay, shownDocumentDigest } from "./signing-check.ts";
import {
  type ApprovalStatement,
  approvalType,
  type EnrolmentStatement,
  type JlisConsentStatement,
  type JlisWithdrawalStatement,
  keyPossessionType,
} from "./statements.ts";

/** The three keys of a device. The agreement key is for ECDH and signs nothing. */
export type DeviceKeys = {
  authentication: SigningKey;
  signing: SigningKey;
  agreement: { readonly publicJwk: EcJwk };
};

export type WalletClientOptions = {
  /** Base URL of the platform, e.g. `https://id.example`. */
  platformUrl: string;
  keys: DeviceKeys;
  /** As given at enrolment; absent before. */
  deviceId?: string | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
  randomBytes?: (length: number) => Uint8Array;
  fetch?: typeof fetch;
  /** For what goes to a relying party end to end: WebCrypto unless told. */
  presenting?: Presenting;
};

type Presenting = {
  createHolderKey?: () => Promise<SigningKey>;
  crypto?: EnvelopeCrypto;
  /** How the keys of relying parties are fetched. */
  fetch?: typeof fetch;
};

/** What one card session gives: made by the caller, who holds the card and knows the password. */
export type SignWithCard = (statements: Uint8Array[]) => Promise<{ signatures: Uint8Array[]; certificate: Uint8Array }>;

/**
 * The wallet API as calls. Every call proves possession of the device's authentication key. Answers are checked for
 * their shape, not for their truth: the platform is trusted for what it says, TLS for who says it.
 *
 * Throws `ProtocolError`: `REFUSED` with the platform's problem document, `UNREACHABLE`, or `MALFORMED`.
 */
export class WalletClient {
  readonly #options: Required<Omit<WalletClientOptions, "deviceId">>;
  deviceId: string | undefined;

  constructor(options: WalletClientOptions) {
    this.#options = {
      now: Date.now,
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      fetch: (...call) => globalThis.fetch(...call),
      presenting: {},
      ...options,
    };
    this.deviceId = options.deviceId;
  }

  /** Base URL of the platform, which is its issuer. */
  get platformUrl(): string {
    return this.#options.platformUrl;
  }

  startEnrolment(): Promise<EnrolmentStart> {
    return this.#call("POST", "/wallet/v1/enrolments", EnrolmentStart);
  }

  /**
   * Asks the card for the two statements and builds the completion; sends nothing. Keep what it returns until
   * `completeEnrolment` has an answer: a lost answer is fetched by sending the same completion again.
   */
  async signEnrolment(
    start: EnrolmentStart,
    device: EnrolmentCompletion["device"],
    signWithCard: SignWithCard,
  ): Promise<EnrolmentCompletion> {
    const { keys, now } = this.#options;
    const time = Math.floor(now() / 1000);
    const statement: EnrolmentStatement = {
      typ: "xid-enrolment-v1",
      origin: start.origin,
      challenge: start.challenge,
      keys: {
        authentication: keys.authentication.publicJwk,
        signing: keys.signing.publicJwk,
        agreement: keys.agreement.publicJwk,
      },
      time,
    };
    const consent: JlisConsentStatement = {
      typ: "xid-jlis-consent-v1",
      origin: start.origin,
      challenge: start.challenge,
      verifier: start.jlisConsent.verifier,
      service: start.jlisConsent.service,
      textVersion: start.jlisConsent.textVersion,
      items: start.jlisConsent.items,
      time,
    };
    const statements = [canonicalJson(statement), canonicalJson(consent)] as const;
    const { signatures, certificate } = await signWithCard([...statements]);
    const [statementSignature, jlisConsentSignature] = signatures;
    if (!statementSignature || !jlisConsentSignature) throw new TypeError("one signature per statement is needed");
    return {
      statement: toBase64url(statements[0]),
      statementSignature: toBase64url(statementSignature),
      jlisConsent: toBase64url(statements[1]),
      jlisConsentSignature: toBase64url(jlisConsentSignature),
      certificate: toBase64url(certificate),
      keyPossession: await signJws({ typ: keyPossessionType }, { challenge: start.challenge }, keys.signing),
      device,
    };
  }

  /** On `completed`, this client uses the new device id from then on. */
  async completeEnrolment(enrolmentId: string, completion: EnrolmentCompletion): Promise<EnrolmentResult> {
    const path = `/wallet/v1/enrolments/${encodeURIComponent(enrolmentId)}/complete`;
    const result = await this.#call("POST", path, EnrolmentResult, completion);
    if (result.state === "completed") this.deviceId = result.deviceId;
    return result;
  }

  me(): Promise<Me> {
    return this.#call("GET", "/wallet/v1/me", Me);
  }

  /** What services have sent to this person, and nobody has answered yet. */
  waitingRequests(): Promise<WaitingRequests> {
    return this.#call("GET", "/wallet/v1/requests", WaitingRequests);
  }

  /**
   * What is to be shown. Throws `ProtocolError` `KEY_MISMATCH`, `KEY_MISSING` or `KEY_UNREACHABLE` where the items would go
   * end to end but not to a key of the relying party's own: then nothing is to be shown, and nothing can be approved.
   */
  async openRequest(requestId: string, opening: RequestOpening): Promise<RequestDisplay> {
    const display = await this.#call("POST", `${requestPath(requestId)}/open`, RequestDisplay, opening);
    const { delivery, client } = display;
    if (delivery) await requireOwnKey(delivery.recipient, client.domain, this.#options.presenting.fetch);
    return display;
  }

  /**
   * `display` must be the one that was on the screen when the person decided; `given` what its kind asks for beside the
   * statement: what the card gave for `digestForCard`, where that is something; for a document signature, what
   * `signDocument` gave. Items that go end to end are presented here.
   */
  async approveRequest(
    display: RequestDisplay,
    items: ItemName[],
    userVerification: ApprovalStatement["userVerification"],
    given: Omit<RequestApproval, "approval" | "presentation"> = {},
    { latestAttributes = false }: { latestAttributes?: boolean } = {},
  ): Promise<RequestDecision> {
    const presentation = display.delivery && (await this.#present(display, items));
    const common = {
      requestId: display.requestId,
      clientId: display.client.clientId,
      displayDigest: contentDigest(display),
      items,
      ...(latestAttributes && { latestAttributes }),
      ...(presentation && { presentationDigest: envelopeDigest(presentation) }),
      userVerification,
      time: Math.floor(this.#options.now() / 1000),
    };
    const statement = toStatement(display, common, given);
    const approval = await signJws(
      { typ: approvalType, kid: this.deviceId },
      statement,
      this.#options.keys.authentication,
    );
    return this.#call("POST", `${requestPath(display.requestId)}/approve`, RequestDecision, {
      approval,
      ...given,
      ...(presentation && { presentation }),
    });
  }

  /** Of what an open request asks for, bound to `holderKey`: an SD-JWT without a presentation. */
  async credential(requestId: string, holderKey: EcJwk): Promise<string> {
    const path = `${requestPath(requestId)}/credential`;
    return (await this.#call("POST", path, IssuedCredential, { key: holderKey })).credential;
  }

  async #present(display: RequestDisplay, items: ItemName[]): Promise<string> {
    const { presenting, now } = this.#options;
    // Not needed before somebody asks for it.
    const { presentAttributes } = await import("./present-attributes.ts");
    const holderKey = await (presenting.createHolderKey ?? createHolderKey)();
    return presentAttributes(display, items, {
      holderKey,
      fetchCredential: ({ publicJwk }) => this.credential(display.requestId, publicJwk),
      now: now(),
      ...(presenting.fetch && { fetch: presenting.fetch }),
      crypto: presenting.crypto,
    });
  }

  /**
   * The PDF file that a request is to sign, whole and with an empty space for the signature: what must be shown to the person.
   * Undefined where the request is of no file. Throws `ProtocolError("SIGNING_MISMATCH")` when something else than this file
   * and this display would be signed.
   */
  async openDocument(display: SigningDisplay): Promise<Uint8Array | undefined> {
    const file = display.signing.format === "pdf" ? await this.#fetchDocument(display.requestId) : undefined;
    return checkSigning(display, { publicJwk: this.#options.keys.signing.publicJwk, file }).file;
  }

  /**
   * Signs with the device's signing key what `display` shows, `file` being what `openDocument` gave and the person
   * saw. Throws `ProtocolError("SIGNING_MISMATCH")` when it is something else that the platform wants signed.
   */
  async signDocument(display: SigningDisplay, file?: Uint8Array): Promise<DeviceSignature> {
    const { signing } = this.#options.keys;
    const { toBeSigned } = checkSigning(display, { publicJwk: signing.publicJwk, file });
    return { signature: toBase64url(await signing.sign(toBeSigned)) };
  }

  declineRequest(requestId: string): Promise<RequestDecision> {
    return this.#call("POST", `${requestPath(requestId)}/decline`, RequestDecision);
  }

  /** What the holder did, newest first; `before` is the `next` of the page before. */
  history(before?: string): Promise<EvidenceHistory> {
    const query = before === undefined ? "" : `?before=${encodeURIComponent(before)}`;
    return this.#call("GET", `/wallet/v1/evidence${query}`, EvidenceHistory);
  }

  /** The evidence of one act, to be kept and checked by anybody. */
  evidence(evidenceId: string): Promise<EvidenceFile> {
    return this.#call("GET", `/wallet/v1/evidence/${encodeURIComponent(evidenceId)}`, EvidenceFile);
  }

  /**
   * J-LIS is not asked about the holder any more. With `signWithCard` the consent of `me` is ended at J-LIS, too, where
   * there is one.
   */
  async withdrawJlisConsent(signWithCard?: SignWithCard): Promise<JlisWithdrawn> {
    const { consentId } = (await this.me()).jlisConsent;
    const signed = signWithCard && consentId !== null ? await this.#signWithdrawal(consentId, signWithCard) : undefined;
    return this.#call("POST", "/wallet/v1/jlis-consent/withdrawal", JlisWithdrawn, signed ? { signed } : {});
  }

  async #signWithdrawal(consentId: string, signWithCard: SignWithCard) {
    const time = Math.floor(this.#options.now() / 1000);
    const statement: JlisWithdrawalStatement = { typ: "xid-jlis-withdrawal-v1", consentId, time };
    const document = canonicalJson(statement);
    const { signatures, certificate } = await signWithCard([document]);
    const [signature] = signatures;
    if (!signature) throw new TypeError("one signature per statement is needed");
    return {
      document: toBase64url(document),
      signature: toBase64url(signature),
      certificate: toBase64url(certificate),
    };
  }

  /** The service is not told of later changes any more; the link stays. */
  async withdrawLatestAttributes(clientId: string): Promise<void> {
    await this.#send("DELETE", `/wallet/v1/services/${encodeURIComponent(clientId)}/latest-attributes`);
  }

  services(): Promise<LinkedServices> {
    return this.#call("GET", "/wallet/v1/services", LinkedServices);
  }

  async changeService(clientId: string, settings: ServiceSettings): Promise<void> {
    await this.#send("PUT", `/wallet/v1/services/${encodeURIComponent(clientId)}`, settings);
  }

  /** Signs out at one service, or everywhere. */
  signOut(clientId?: string): Promise<EndedSessions> {
    const service = clientId === undefined ? "" : `/services/${encodeURIComponent(clientId)}`;
    return this.#call("DELETE", `/wallet/v1${service}/sessions`, EndedSessions);
  }

  /** Ends the consent and every token that came from it. */
  async unlinkService(clientId: string): Promise<void> {
    await this.#send("DELETE", `/wallet/v1/services/${encodeURIComponent(clientId)}`);
  }

  async #fetchDocument(requestId: string): Promise<Uint8Array> {
    const response = await this.#send("GET", `${requestPath(requestId)}/document`);
    const file = new Uint8Array(await response.arrayBuffer());
    if (file.length > maxSignedFileSize + 1024 * 1024) throw new ProtocolError("MALFORMED", "the document is too long");
    return file;
  }

  async #call<T>(
    method: "GET" | "POST" | "DELETE",
    path: string,
    shape: { parse(value: unknown): T },
    body?: object,
  ): Promise<T> {
    const response = await this.#send(method, path, body);
    try {
      return shape.parse(await response.json());
    } catch (cause) {
      throw new ProtocolError("MALFORMED", `the answer to ${method} ${path} is not of this protocol`, { cause });
    }
  }

  async #send(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<Response> {
    const { platformUrl, keys, now, randomBytes } = this.#options;
    const url = `${platformUrl}${path}`;
    const text = body ? JSON.stringify(body) : "";
    const proof = await createDeviceProof({
      key: keys.authentication,
      deviceId: this.deviceId,
      method,
      url,
      body: new TextEncoder().encode(text),
      now: now(),
      random: randomBytes(16),
    });
    const headers: Record<string, string> = { [deviceProofHeader]: proof, accept: "application/json" };
    if (text) headers["content-type"] = "application/json";
    let response: Response;
    try {
      response = await this.#options.fetch(url, { method, headers, ...(text ? { body: text } : {}) });
    } catch (cause) {
      throw new ProtocolError("UNREACHABLE", `${method} ${path} got no answer`, { cause });
    }
    if (!response.ok) throw await toError(response, `${method} ${path}`);
    return response;
  }
}

type ApprovedInCommon = Omit<Extract<ApprovalStatement, { kind: "sign_in" }>, "kind" | "signatureDigest">;

function toStatement(
  display: RequestDisplay,
  common: ApprovedInCommon,
  { card, document, handOver }: Omit<RequestApproval, "approval">,
): ApprovalStatement {
  switch (display.kind) {
    case "sign_in":
      if (display.level === "card" && !card) throw new TypeError("what wants the card is approved with the card");
      return { kind: display.kind, ...common, ...(card && { signatureDigest: signatureDigest(card) }) };
    case "identity_refresh":
      return { kind: display.kind, ...common };
    case "card_signature":
      if (!card) throw new TypeError("a card signature is approved with the card");
      return { kind: display.kind, ...common, signatureDigest: signatureDigest(card) };
    case "document_signature":
      if (!document) throw new TypeError("a document is approved with its signature");
      return {
        kind: display.kind,
        ...common,
        documentDigest: shownDocumentDigest(display),
        toBeSignedDigest: toBase64url(sha256(fromBase64url(display.signing.toBeSigned))),
      };
    case "my_number":
      if (!handOver) throw new TypeError("a hand-over is approved with its envelope");
      return {
        kind: display.kind,
        ...common,
        envelopeDigest: envelopeDigest(handOver.envelope),
        holderKey: handOver.holderKey,
      };
  }
}

function signatureDigest({ signature }: CardSignature): string {
  return toBase64url(sha256(fromBase64url(signature)));
}

function requestPath(requestId: string): string {
  return `/wallet/v1/requests/${encodeURIComponent(requestId)}`;
}

async function toError(response: Response, call: string): Promise<ProtocolError> {
  const problem = Problem.safeParse(await response.json().catch(() => undefined));
  if (!problem.success) return new ProtocolError("UNREACHABLE", `${call} answered ${response.status}`);
  return new ProtocolError("REFUSED", `${call}: ${problem.data.code}`, { problem: problem.data });
}
