import {
  JpkiApplication,
  type SignedText,
  TextApplication,
  type VerifiedText,
  verifyCheckDigit,
  verifyText,
} from "@xid/card";
import {
  type CardSignature,
  digestForCard,
  type EndedSessions,
  type EnrolmentResult,
  type EvidenceFile,
  type EvidenceHistory,
  type ItemName,
  type JlisWithdrawn,
  type LinkedServices,
  ProtocolError,
  type RequestApproval,
  type RequestDecision,
  type RequestDisplay,
  type RequestLink,
  requireOwnKey,
  requireSamePerson,
  type SealedHandOver,
  type ServiceSettings,
  sealHandOver,
  toBase64url,
  type WaitingRequests,
} from "@xid/protocol";
import { WalletClient } from "@xid/protocol/wallet-client";
import { TestingError } from "../testing-error.ts";
import { cardAuthorities, withCard } from "./card-in-sandbox.ts";
import { type DeviceKeyFile, generateDeviceKeys, openDeviceKeys } from "./device-key.ts";
import { openedLimit, type WalletState, type WalletStore } from "./wallet-state.ts";

export type Completed = Extract<EnrolmentResult, { state: "completed" }>;

export type EnrolmentInput = {
  /** Base URL of the sandbox, whose reader has the card. */
  sandbox: string;
  /** Signature password (署名用パスワード). */
  pin: string;
  lastTryAllowed: boolean;
  /** What happens to the devices that the account already has. */
  otherDevices: "replace" | "keep";
  deviceName: string;
};

/** The person's card in the sandbox, for what the card itself has to sign or to tell. */
export type CardOfPerson = {
  /** Base URL of the sandbox, whose reader has it. */
  sandbox: string;
  /** The signature password, or the four digits of 券面事項入力補助; asked for when it is needed. */
  pin: (kind: "signature" | "text") => Promise<string>;
  lastTryAllowed: boolean;
};

/** What an approval may need beyond the decision. */
export type Means = {
  card?: CardOfPerson;
  /** Whether the service may be told of later changes, where it asks for that. */
  latestAttributes?: boolean;
  /** Takes the PDF that is signed, as it is shown: with an empty space for the signature. */
  keepDocument?: (file: Uint8Array) => Promise<void>;
};

/**
 * The xID app without a screen: the real wallet protocol, with software keys and a card of the sandbox.
 * Throws `ProtocolError` and `CardError` as they come, and `TestingError` for what is wrong with the wallet itself.
 */
export class HeadlessWallet {
  readonly #store: WalletStore;
  readonly #fetch: typeof fetch;
  #file: WalletState;

  private constructor(store: WalletStore, file: WalletState, fetchPlatform: typeof fetch) {
    this.#store = store;
    this.#fetch = fetchPlatform;
    this.#file = file;
  }

  /** A new, empty wallet if the person has none with that platform. `fetchPlatform` is how the platform is called. */
  static async openOrCreate(
    store: WalletStore,
    person: string,
    platform: string,
    fetchPlatform: typeof fetch = fetch,
  ): Promise<HeadlessWallet> {
    const known = await store.read();
    const empty: WalletState = { version: 1, person, platform, device: null, pending: null, opened: [] };
    return new HeadlessWallet(store, known?.platform === platform ? known : empty, fetchPlatform);
  }

  /** `NOT_ENROLLED` if the person has no enrolled wallet. */
  static async open(store: WalletStore, person: string): Promise<HeadlessWallet> {
    const file = await store.read();
    if (!file?.device) {
      throw new TestingError("NOT_ENROLLED", `${person} has no enrolled wallet; xid wallet enrol --person ${person}`);
    }
    return new HeadlessWallet(store, file, fetch);
  }

  get platform(): string {
    return this.#file.platform;
  }

  /**
   * New keys, one card session, one completion. A completion whose answer was lost is sent again first, so that a killed
   * enrolment ends as it would have; the device that was enrolled before is kept until a new one is.
   */
  async enrol(input: EnrolmentInput): Promise<Completed> {
    const resumed = await this.#resume();
    if (resumed) return resumed;
    const keys = generateDeviceKeys();
    const client = this.#client(keys);
    const start = await client.startEnrolment();
    const completion = await client.signEnrolment(start, deviceOf(input.deviceName), (statements) =>
      this.#signStatements(statements, input),
    );
    const { enrolmentId } = start;
    await this.#save({
      pending: { enrolmentId, keys, completion: { ...completion, otherDevices: input.otherDevices } },
    });
    return this.#complete();
  }

  /** What the platform shows of a request; kept, so that exactly this can be approved later. */
  async openRequest({ requestId, via, code }: RequestLink): Promise<RequestDisplay> {
    const display = await this.#enrolledClient().openRequest(requestId, code === undefined ? { via } : { via, code });
    const others = this.#file.opened.filter((opened) => opened.requestId !== requestId);
    await this.#save({ opened: [...others, display].slice(-openedLimit) });
    return display;
  }

  /** What services have sent to the person. */
  requests(): Promise<WaitingRequests> {
    return this.#enrolledClient().waitingRequests();
  }

  /**
   * Lets go what `choose` returns, which must hold every required item; has the card, or this device's key, sign where that is
   * asked for. The request must have been opened here, or one that a service has sent, which is opened now.
   */
  async approve(
    requestId: string,
    choose: (display: RequestDisplay) => ItemName[],
    means: Means = {},
  ): Promise<RequestDecision> {
    const opened = this.#file.opened.find((opened) => opened.requestId === requestId);
    const display = await this.#refreshed(opened ?? (await this.#openSent(requestId)), means.card);
    const items = choose(display);
    const given = await this.#give(display, means);
    const latestAttributes = means.latestAttributes === true && display.latestAttributes !== undefined;
    const decision = await this.#enrolledClient().approveRequest(display, items, "app_pin", given, {
      latestAttributes,
    });
    await this.#forget(requestId);
    return decision;
  }

  async decline(requestId: string): Promise<RequestDecision> {
    const decision = await this.#enrolledClient().declineRequest(requestId);
    await this.#forget(requestId);
    return decision;
  }

  history(before?: string): Promise<EvidenceHistory> {
    return this.#enrolledClient().history(before);
  }

  evidence(evidenceId: string): Promise<EvidenceFile> {
    return this.#enrolledClient().evidence(evidenceId);
  }

  services(): Promise<LinkedServices> {
    return this.#enrolledClient().services();
  }

  /** Whether a linked service may send requests. */
  changeService(clientId: string, settings: ServiceSettings): Promise<void> {
    return this.#enrolledClient().changeService(clientId, settings);
  }

  /** At one service, or everywhere. */
  signOut(clientId?: string): Promise<EndedSessions> {
    return this.#enrolledClient().signOut(clientId);
  }

  unlink(clientId: string): Promise<void> {
    return this.#enrolledClient().unlinkService(clientId);
  }

  async #openSent(requestId: string): Promise<RequestDisplay> {
    const { requests } = await this.requests();
    if (requests.some((sent) => sent.requestId === requestId)) return this.openRequest({ requestId, via: "link" });
    throw new TestingError("NOT_OPENED", `request ${requestId} was not opened by this wallet: xid wallet open`);
  }

  /** The service is not told of later changes any more; the link stays. */
  withdrawLatestAttributes(clientId: string): Promise<void> {
    return this.#enrolledClient().withdrawLatestAttributes(clientId);
  }

  /** J-LIS is not asked about the person any more; with the card the consent ends at J-LIS, too. */
  async withdrawJlisConsent(card?: CardOfPerson): Promise<JlisWithdrawn> {
    if (!card) return this.#enrolledClient().withdrawJlisConsent();
    const pin = await card.pin("signature");
    return this.#enrolledClient().withdrawJlisConsent((statements) =>
      this.#signStatements(statements, { ...card, pin }),
    );
  }

  /** Has the card read again for this very device, whose keys stay as they are. */
  async readCard(card: CardOfPerson): Promise<void> {
    const client = this.#enrolledClient();
    const pin = await card.pin("signature");
    const start = await client.startEnrolment();
    const completion = await client.signEnrolment(start, deviceOf("xid wallet"), (statements) =>
      this.#signStatements(statements, { ...card, pin }),
    );
    await client.completeEnrolment(start.enrolmentId, { ...completion, otherDevices: "keep" });
  }

  /** Where reading the card is what is asked for, that comes first, and the request is looked at once more. */
  async #refreshed(display: RequestDisplay, card: CardOfPerson | undefined): Promise<RequestDisplay> {
    if (display.kind !== "identity_refresh" || display.refresh.cardRead) return display;
    await this.readCard(requireCard(card));
    return this.openRequest({ requestId: display.requestId, via: display.via === "qr" ? "qr" : "link" });
  }

  #signStatements(
    statements: Uint8Array[],
    { sandbox, pin, lastTryAllowed }: { sandbox: string; pin: string; lastTryAllowed: boolean },
  ): Promise<{ signatures: Uint8Array[]; certificate: Uint8Array }> {
    return withCard(sandbox, this.#file.person, async (card) => {
      const jpki = await JpkiApplication.select(card);
      await jpki.verifyPin("signature", pin, { lastTryAllowed });
      const signatures: Uint8Array[] = [];
      for (const statement of statements) signatures.push(await jpki.sign("signature", statement));
      return { signatures, certificate: await jpki.readCertificate("signature") };
    });
  }

  /** What card or device have to do for this kind of request. */
  async #give(display: RequestDisplay, { card, keepDocument }: Means): Promise<Omit<RequestApproval, "approval">> {
    switch (display.kind) {
      case "identity_refresh":
        return {};
      case "sign_in":
      case "card_signature": {
        const digest = digestForCard(display, this.#file.platform);
        return digest ? { card: await this.#signWithCard(digest, requireCard(card)) } : {};
      }
      case "document_signature": {
        const client = this.#enrolledClient();
        const file = await client.openDocument(display);
        if (file) await keepDocument?.(file);
        return { document: await client.signDocument(display, file) };
      }
      case "my_number":
        return { handOver: await this.#handOver(display, requireCard(card)) };
    }
  }

  /** Nothing is read from the card before it is clear that the relying party itself names the key. */
  async #handOver(
    display: Extract<RequestDisplay, { kind: "my_number" }>,
    card: CardOfPerson,
  ): Promise<SealedHandOver> {
    const { recipient, attributes } = display.handOver;
    const recipientKey = await requireOwnKey(recipient, display.client.domain);
    const authorities = await cardAuthorities(card.sandbox);
    const pin = await card.pin("text");
    const files = await withCard(card.sandbox, this.#file.person, async (transport) => {
      const text = await TextApplication.select(transport);
      await text.verifyPin(pin, { lastTryAllowed: card.lastTryAllowed });
      return (await text.readSignedText({ myNumber: true, attributes: true })) as Required<SignedText>;
    });
    const verified = verifyText(files, authorities) as Required<VerifiedText>;
    verifyCheckDigit(verified.myNumber);
    requireSamePerson(verified.attributes, attributes);
    const holderKey = openDeviceKeys(generateDeviceKeys()).authentication;
    return sealHandOver(display, files, { recipientKey, holderKey, now: Date.now() });
  }

  async #signWithCard(digest: Uint8Array, card: CardOfPerson): Promise<CardSignature> {
    const pin = await card.pin("signature");
    return withCard(card.sandbox, this.#file.person, async (transport) => {
      const jpki = await JpkiApplication.select(transport);
      await jpki.verifyPin("signature", pin, { lastTryAllowed: card.lastTryAllowed });
      const signature = await jpki.signDigest("signature", digest);
      return {
        signature: toBase64url(signature),
        certificate: toBase64url(await jpki.readCertificate("signature")),
      };
    });
  }

  async #forget(requestId: string): Promise<void> {
    await this.#save({ opened: this.#file.opened.filter((opened) => opened.requestId !== requestId) });
  }

  async #resume(): Promise<Completed | undefined> {
    if (!this.#file.pending) return undefined;
    try {
      return await this.#complete();
    } catch (error) {
      // An enrolment that the platform will never complete: begin a new one.
      if (isFinal(error)) return undefined;
      throw error;
    }
  }

  async #complete(): Promise<Completed> {
    const { pending } = this.#file;
    if (!pending) throw new TypeError("no enrolment is pending");
    let result: EnrolmentResult;
    try {
      result = await this.#client(pending.keys).completeEnrolment(pending.enrolmentId, pending.completion);
    } catch (error) {
      if (isFinal(error)) await this.#save({ pending: null });
      throw error;
    }
    if (result.state !== "completed") {
      throw new TestingError("UNEXPECTED_ANSWER", "the platform asks again what happens to the other devices");
    }
    await this.#save({ device: { deviceId: result.deviceId, keys: pending.keys }, pending: null, opened: [] });
    return result;
  }

  #enrolledClient(): WalletClient {
    const { device, person } = this.#file;
    if (!device) throw new TestingError("NOT_ENROLLED", `${person} has no enrolled wallet`);
    return this.#client(device.keys, device.deviceId);
  }

  #client(keys: DeviceKeyFile, deviceId?: string): WalletClient {
    const { platform } = this.#file;
    return new WalletClient({ platformUrl: platform, keys: openDeviceKeys(keys), deviceId, fetch: this.#fetch });
  }

  async #save(change: Partial<WalletState>): Promise<void> {
    const file = { ...this.#file, ...change };
    await this.#store.write(file);
    this.#file = file;
  }
}

function deviceOf(name: string) {
  return { name, platform: "headless", keyLevel: "software" } as const;
}

/** Whether sending the same again is pointless: a refusal that is neither the platform's own trouble nor its load. */
function isFinal(error: unknown): boolean {
  const status = error instanceof ProtocolError ? error.problem?.status : undefined;
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

function requireCard(card: CardOfPerson | undefined): CardOfPerson {
  if (!card) throw new TestingError("CARD_NEEDED", "this request needs the person's card");
  return card;
}
