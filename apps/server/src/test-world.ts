import { spawn } from "node:child_process";
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { HttpBindings } from "@hono/node-server";
import { JpkiApplication, type SignedText, TextApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import {
  type CardSignature,
  type DocumentToSign,
  digestForCard,
  type EcJwk,
  type EncryptionKey,
  type EnrolmentCompletion,
  type EnrolmentResult,
  type ItemName,
  myNumberLawVersion,
  ProtocolError,
  type RequestDisplay,
  type SealedHandOver,
  type SignatureLayout,
  type SigningDisplay,
  type SigningKey,
  sealHandOver,
  toBase64url,
  toShownDocument,
} from "@xid/protocol";
import {
  type DeviceKeys,
  type SignWithCard,
  WalletClient,
  type WalletClientOptions,
} from "@xid/protocol/wallet-client";
import { Hono } from "hono";
import { type Logger, pino } from "pino";
import { type Config, readConfig } from "./config.ts";
import { credentialApi } from "./credential/api.ts";
import { loadLogKey } from "./evidence/log-key.ts";
import { Sequencer } from "./evidence/sequencer.ts";
import { openTimestampAuthority } from "./evidence/timestamp-authority.ts";
import { createApp } from "./http/app.ts";
import type { Device } from "./identity/device.ts";
import { connectJpki } from "./jpki/jpki.ts";
import { logApi } from "./log/api.ts";
import { loadProviderKeys, tokenSigner } from "./oidc/keys.ts";
import type { Platform } from "./platform.ts";
import { addressRequest } from "./request/address.ts";
import { startRequest } from "./request/engine.ts";
import type { Request as XidRequest } from "./request/request.ts";
import { splitDocument } from "./request/shown-document.ts";
import { type SigningOrder, splitSigning } from "./request/signing-order.ts";
import { loadCredentialKeys } from "./signature/credential-key.ts";
import { loadSigningAuthority } from "./signature/signing-authority.ts";
import type { AskedInCommon } from "./store/database.ts";
import { loadSealer } from "./store/sealer.ts";
import { createTestDatabase, type TestDatabase } from "./store/test-database.ts";
import { walletApi } from "./wallet/api.ts";

/** A resident of the sandbox with a card. */
export type Resident = {
  id: string;
  name: string;
  birthdate: string;
  gender: "male" | "female" | "unknown";
  address: string;
  pins: { signature: string; authentication: string; text: string };
  card: { certificates: { kind: "signature" | "authentication"; serial: string; status: string }[] };
};

export type Completed = Extract<EnrolmentResult, { state: "completed" }>;

/** Where nothing ever answers: `fetch` itself refuses to go to this port. */
export const nobody = "http://127.0.0.1:9";

let sandbox: Promise<string> | undefined;

/** Base URL of the simulated Japan: one real process per test worker, which ends with it. */
export function startSandbox(): Promise<string> {
  sandbox ??= spawnSandbox();
  return sandbox;
}

/** One of one's own, for a test that moves its clock. */
export async function spawnSandbox(): Promise<string> {
  const [dataDirectory, port] = await Promise.all([mkdtemp(join(tmpdir(), "xid-sandbox-")), freePort()]);
  const url = `http://127.0.0.1:${port}`;
  // The end of our process, however it comes, closes the pipe; then the shell stops the sandbox and clears up.
  const script = `trap '' INT TERM HUP; "$1" "$2" </dev/null & cat >/dev/null; kill $!; wait $!; rm -rf "$3"`;
  const main = new URL("../../sandbox/src/main.ts", import.meta.url).pathname;
  const child = spawn("/bin/sh", ["-c", script, "sh", process.execPath, main, dataDirectory], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
    env: { ...process.env, XID_PORT: String(port), XID_SANDBOX_URL: url, XID_DATA_DIR: dataDirectory },
  });
  for await (const line of createInterface(child.stdout)) if (line.startsWith("listening")) break;
  child.stdout.resume();
  for (const handle of [child, child.stdin, child.stdout] as unknown as { unref(): void }[]) handle.unref();
  return url;
}

/** A platform of one's own: real database, real CA, real sandbox, and a clock that can be put forward. */
export class TestWorld {
  readonly platform: Platform;
  readonly sandboxUrl: string;
  readonly test: TestDatabase;
  readonly #time: { offset: number };
  readonly #environment: Record<string, string>;
  readonly #api: Hono;

  private constructor(parts: {
    platform: Platform;
    sandboxUrl: string;
    test: TestDatabase;
    time: { offset: number };
    environment: Record<string, string>;
  }) {
    this.platform = parts.platform;
    this.sandboxUrl = parts.sandboxUrl;
    this.test = parts.test;
    this.#time = parts.time;
    this.#environment = parts.environment;
    this.#api = appOf(parts.platform);
  }

  static async start({
    environment = {},
    log = pino({ level: "silent" }) as Logger,
    sandbox = startSandbox(),
  } = {}): Promise<TestWorld> {
    const [test, sandboxUrl, dataDirectory] = await Promise.all([
      createTestDatabase(),
      sandbox,
      mkdtemp(join(tmpdir(), "xid-world-")),
    ]);
    const variables = {
      XID_PROFILE: "sandbox",
      XID_PORT: "4001",
      XID_SANDBOX_URL: sandboxUrl,
      XID_DATA_DIR: dataDirectory,
      XID_STATUS_MAX_AGE: "0",
      ...environment,
    };
    const time = { offset: 0 };
    const platform = await createPlatform(readConfig(variables), test, log, () => Date.now() + time.offset);
    return new TestWorld({ platform, sandboxUrl, test, time, environment: variables });
  }

  /** The same platform as another process with other settings would be. */
  async beside(environment: Record<string, string>, log: Logger = this.platform.log): Promise<Platform> {
    const { clock } = this.platform;
    return createPlatform(readConfig({ ...this.#environment, ...environment }), this.test, log, clock);
  }

  /** Runs `work` with the platform's clock so much later, in milliseconds. */
  async later<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
    this.#time.offset += milliseconds;
    try {
      return await work();
    } finally {
      this.#time.offset -= milliseconds;
    }
  }

  resident(persona = "default"): Promise<Resident> {
    return office(this.sandboxUrl, "/api/people", { persona });
  }

  /** Makes a life event happen at the city office. */
  happens(resident: Resident, event: { type: string; [detail: string]: unknown }): Promise<Resident> {
    return office(this.sandboxUrl, `/api/people/${resident.id}/events`, event);
  }

  /** A device with fresh keys that calls this platform, or another one, as if over HTTP from this machine. */
  device(platform: Platform = this.platform): TestDevice {
    return new TestDevice({
      sandboxUrl: this.sandboxUrl,
      platformUrl: platform.config.issuer,
      now: platform.clock,
      fetch: platform === this.platform ? this.fetchFrom("127.0.0.1") : callsOf(appOf(platform), "127.0.0.1"),
    });
  }

  /** The same device that calls another process of the platform. */
  same(device: TestDevice, platform: Platform): { client: WalletClient } {
    const { keys } = device;
    const { deviceId } = device.client;
    const fetch = callsOf(appOf(platform), "127.0.0.1");
    return {
      client: new WalletClient({ platformUrl: platform.config.issuer, keys, deviceId, now: platform.clock, fetch }),
    };
  }

  /** Calls the platform's routes as if over HTTP from an address. */
  fetchFrom(address: string): typeof fetch {
    return callsOf(this.#api, address);
  }

  /** A device that has enrolled a resident, by default a new one. */
  async enrolled(resident?: Resident): Promise<{ device: TestDevice; resident: Resident }> {
    const person = resident ?? (await this.resident());
    const device = this.device();
    await device.enrol(person);
    return { device, resident: person };
  }

  /** A request for a sign-in of a relying party, just created. */
  request({ clientId = "bank", ...asked }: Partial<AskedInCommon> & { clientId?: string } = {}): Promise<XidRequest> {
    return startRequest(this.platform, {
      requestId: randomBytes(24).toString("base64url"),
      clientId,
      asked: {
        kind: "sign_in",
        clientName: { ja: "テスト銀行", en: "Test Bank" },
        domain: "bank.example",
        purpose: { ja: "口座開設", en: "Account opening" },
        items: [
          { name: "name", required: true },
          { name: "address", required: false },
        ],
        offlineAccess: false,
        ...asked,
      },
    });
  }

  /** A sign-in that a relying party sends to a person who is linked with it. */
  addressed(
    { ids }: TestDevice,
    { message = null as string | null, clientId = "bank", requestId = randomBytes(24).toString("base64url") } = {},
  ): Promise<XidRequest> {
    return addressRequest(this.platform, {
      requestId,
      clientId,
      accountId: ids.accountId,
      message,
      asked: {
        kind: "sign_in",
        clientName: { ja: "テスト銀行", en: "Test Bank" },
        domain: "bank.example",
        purpose: { ja: "振込の確認", en: "Confirming a transfer" },
        items: [],
        offlineAccess: false,
      },
    });
  }

  /** A request for a card's signature over a text, or over a file of which there is a digest. */
  signatureRequest(
    document: DocumentToSign,
    { clientId = "bank", ...asked }: Partial<AskedInCommon> & { clientId?: string } = {},
  ): Promise<XidRequest> {
    const display: SignatureLayout = {
      layout: "contract",
      title: { ja: "預金契約書", en: "Deposit agreement" },
      counterparty: { ja: "テスト銀行", en: "Test Bank" },
      amount: 1_000_000,
    };
    const split = splitDocument(toShownDocument(document));
    return startRequest(this.platform, {
      requestId: randomBytes(24).toString("base64url"),
      clientId,
      text: split.text,
      asked: {
        kind: "card_signature",
        clientName: { ja: "テスト銀行", en: "Test Bank" },
        domain: "bank.example",
        purpose: { ja: "契約", en: "Agreement" },
        items: [],
        offlineAccess: false,
        signature: { display, document: split.asked },
        ...asked,
      },
    });
  }

  /** A request for a My Number, to be encrypted to this key. */
  myNumberRequest(
    key: EncryptionKey,
    { clientId = "bank", ...asked }: Partial<AskedInCommon> & { clientId?: string } = {},
  ): Promise<XidRequest> {
    return startRequest(this.platform, {
      requestId: randomBytes(24).toString("base64url"),
      clientId,
      asked: {
        kind: "my_number",
        clientName: { ja: "テスト銀行", en: "Test Bank" },
        domain: "bank.example",
        purpose: { ja: "マイナンバーの提供", en: "Handing over the My Number" },
        items: [],
        offlineAccess: false,
        handOver: {
          purpose: "tax.specified_account",
          lawVersion: myNumberLawVersion,
          nonce: randomBytes(32).toString("base64url"),
          recipient: { jwksUri: "https://bank.example/jwks", key },
        },
        ...asked,
      },
    });
  }

  /** A request for a signature by the device's key. */
  documentRequest(order: SigningOrder, { clientId = "bank" } = {}): Promise<XidRequest> {
    const { asked: signing, text } = splitSigning(order);
    return startRequest(this.platform, {
      requestId: randomBytes(24).toString("base64url"),
      clientId,
      text,
      asked: {
        kind: "document_signature",
        clientName: { ja: "テスト銀行", en: "Test Bank" },
        domain: "bank.example",
        purpose: { ja: "契約", en: "Agreement" },
        items: [],
        offlineAccess: false,
        signing,
      },
    });
  }

  async close(): Promise<void> {
    await this.test.close();
    await rm(this.platform.config.dataDirectory, { recursive: true });
  }
}

/** Calls the city office's interface. */
export async function office(sandboxUrl: string, path: string, body: object): Promise<Resident> {
  const response = await fetch(`${sandboxUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Resident;
}

/** The xID app without a screen: the real protocol over the real routes, with software keys and a card of the sandbox. */
export class TestDevice {
  readonly keys = createDeviceKeys();
  readonly client: WalletClient;
  readonly #sandboxUrl: string;

  constructor({
    sandboxUrl,
    ...calls
  }: { sandboxUrl: string } & Pick<WalletClientOptions, "platformUrl" | "now" | "fetch">) {
    this.#sandboxUrl = sandboxUrl;
    this.client = new WalletClient({ ...calls, keys: this.keys });
  }

  /** Card and password: both statements signed, ready to be sent or spoiled. */
  async sign(
    resident: Resident,
    signWithCard: SignWithCard = (statements) => signWithCardOf(this.#sandboxUrl, resident, statements),
  ): Promise<{ enrolmentId: string; completion: EnrolmentCompletion }> {
    const start = await this.client.startEnrolment();
    const device = { name: "テスト端末", platform: "headless", keyLevel: "software" } as const;
    const completion = await this.client.signEnrolment(start, device, signWithCard);
    return { enrolmentId: start.enrolmentId, completion };
  }

  /** The whole enrolment. Throws when the platform asks about other devices that `otherDevices` says nothing of. */
  async enrol(resident: Resident, otherDevices?: "replace" | "keep"): Promise<Completed> {
    const { enrolmentId, completion } = await this.sign(resident);
    const result = await this.client.completeEnrolment(enrolmentId, {
      ...completion,
      ...(otherDevices && { otherDevices }),
    });
    if (result.state !== "completed") throw new Error(result.state);
    return result;
  }

  /** Its account and device id. */
  get ids(): { accountId: string; deviceId: string } {
    const [accountId, deviceId] = this.client.deviceId?.split(".") ?? [];
    if (!accountId || !deviceId) throw new Error("not enrolled");
    return { accountId, deviceId };
  }

  /** As the core sees it once its proof was verified. */
  get asDevice(): Device {
    return { ...this.ids, authenticationKey: this.keys.authentication.publicKey, keyLevel: "software" };
  }

  /** Looks at a request on the same device. */
  open({ requestId }: { requestId: string }): Promise<RequestDisplay> {
    return this.client.openRequest(requestId, { via: "link" });
  }

  /** Has the resident's card sign what `display` wants of it. */
  async signWithCard(display: RequestDisplay, resident: Resident): Promise<CardSignature> {
    const digest = digestForCard(display, this.client.platformUrl);
    if (!digest) throw new Error("nothing is to be signed");
    const card = await new HttpCardReader(this.#sandboxUrl).connect(resident.id);
    try {
      const jpki = await JpkiApplication.select(card);
      await jpki.verifyPin("signature", resident.pins.signature);
      const signature = toBase64url(await jpki.signDigest("signature", digest));
      return { signature, certificate: toBase64url(await jpki.readCertificate("signature")) };
    } finally {
      await card.close();
    }
  }

  /** Reads the My Number from the resident's card and seals it for whom `display` names, unchecked. */
  async handOver(display: RequestDisplay, resident: Resident): Promise<SealedHandOver> {
    if (display.kind !== "my_number") throw new Error("no My Number is asked for");
    const card = await new HttpCardReader(this.#sandboxUrl).connect(resident.id);
    try {
      const text = await TextApplication.select(card);
      await text.verifyPin(resident.pins.text);
      const files = await text.readSignedText({ myNumber: true, attributes: true });
      return await sealHandOver(display, files as Required<SignedText>, {
        recipientKey: display.handOver.recipient.key,
        holderKey: createDeviceKeys().authentication,
        now: Date.now(),
      });
    } finally {
      await card.close();
    }
  }

  /** Opens, looks at and signs a document with the device's key. */
  async signDocument(request: { requestId: string }): Promise<SigningDisplay> {
    const display = await this.open(request);
    if (display.kind !== "document_signature") throw new Error("nothing is to be signed");
    const file = await this.client.openDocument(display);
    await this.client.approveRequest(display, [], "app_pin", {
      document: await this.client.signDocument(display, file),
    });
    return display;
  }

  /** Opens and approves everything that is asked. */
  async approve(request: { requestId: string }, items?: ItemName[]): Promise<{ returnTo: string | null }> {
    const display = await this.open(request);
    return this.client.approveRequest(display, items ?? display.items.map(({ name }) => name), "app_pin");
  }
}

export type TestKey = SigningKey & { publicKey: KeyObject };

export function createSigningKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    publicKey,
    publicJwk: publicKey.export({ format: "jwk" }) as EcJwk,
    sign: async (data) => sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

/** One session at the sandbox's reader: password, signatures, certificate. */
export async function signWithCardOf(
  sandboxUrl: string,
  resident: Resident,
  statements: Uint8Array[],
): Promise<{ signatures: Uint8Array[]; certificate: Uint8Array }> {
  const card = await new HttpCardReader(sandboxUrl).connect(resident.id);
  try {
    const jpki = await JpkiApplication.select(card);
    await jpki.verifyPin("signature", resident.pins.signature);
    const signatures: Uint8Array[] = [];
    for (const statement of statements) signatures.push(await jpki.sign("signature", statement));
    return { signatures, certificate: await jpki.readCertificate("signature") };
  } finally {
    await card.close();
  }
}

/** The code of the problem document with which a call was refused. Throws when it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome === undefined) throw new Error("it was not refused");
  if (!(outcome instanceof ProtocolError)) throw outcome;
  return outcome.problem?.code;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function callsOf(api: Hono, remoteAddress: string): typeof fetch {
  const bindings = { incoming: { socket: { remoteAddress }, headers: {} } } as unknown as HttpBindings;
  return async (url, init) => api.fetch(new Request(url, init), bindings);
}

function appOf(platform: Platform): Hono {
  return createApp(platform, {
    interaction: new Hono(),
    assets: new Hono(),
    walletApi: walletApi(platform),
    caApi: new Hono(),
    credentialApi: credentialApi(platform),
    logApi: logApi(platform),
    relyingPartyApi: new Hono(),
  });
}

async function createPlatform(config: Config, test: TestDatabase, log: Logger, clock: () => number): Promise<Platform> {
  const keyDirectory = join(config.dataDirectory, "keys");
  const [sealer, jpki, signingAuthority, logKey, credentialKeys, providerKeys] = await Promise.all([
    loadSealer(keyDirectory),
    connectJpki(config, clock, log),
    loadSigningAuthority(config, clock),
    loadLogKey(keyDirectory, config.issuer),
    loadCredentialKeys(keyDirectory),
    loadProviderKeys(keyDirectory),
  ]);
  return {
    config,
    database: test.database,
    unsynced: test.unsynced,
    sealer,
    jpki,
    signingAuthority,
    timestamps: await openTimestampAuthority(config, { clock, log, jpki }),
    credentialKeys,
    // Not started: tests say when the log grows.
    evidenceLog: new Sequencer({ database: test.database, clock, log }, logKey),
    signToken: tokenSigner(providerKeys),
    clock,
    log,
  };
}

function createDeviceKeys(): DeviceKeys & { authentication: TestKey; signing: TestKey } {
  return { authentication: createSigningKey(), signing: createSigningKey(), agreement: createSigningKey() };
}
