import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TextApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { walletFile } from "@xid/cli/wallet-file";
import type { SealedHandOver } from "@xid/protocol";
import { WalletClient } from "@xid/protocol/wallet-client";
import { createXid, type OpenedMyNumber, parseCardAuthorities, type ReceivedHandOver, type Xid } from "@xid/sdk/server";
import { Browser, HeadlessWallet, openDeviceKeys, signIn } from "@xid/sdk/testing";
import { startEmbeddedPostgres } from "@xid/server/embedded-postgres";
import { compactDecrypt, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openTables } from "./canary/opened-tables.ts";
import { Search } from "./canary/search.ts";
import { writingsOf } from "./canary/writings.ts";
import { everything } from "./headless.ts";
import { createResident, type Resident } from "./resident.ts";
import { freePort, type ServerProcess, startServer } from "./server-process.ts";

/**
 * The canary of the first promise: a server of its own with a PostgreSQL of its own, to which a My Number is handed over,
 * and to which it is not, in every way that may go wrong. Afterwards everything that the server has, and is, is searched.
 */
describe.skipIf(process.platform !== "linux")("a My Number that went through the platform", () => {
  const { sandbox, app } = inject("places");
  const folder = mkdtempSync(join(tmpdir(), "xid-number-canary-"));
  const [data, wallets, dumps] = ["data", "wallets", "dumps"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  let server: ServerProcess;
  let issuer: string;
  let party: Awaited<ReturnType<typeof startParty>>;
  let resident: Resident;
  let canary: Search;
  let opened: OpenedMyNumber;
  let inside: string;
  let handedOver: ReceivedHandOver;
  const requestIds: string[] = [];

  beforeAll(async () => {
    mkdirSync(dumps);
    const port = await freePort();
    issuer = `http://localhost:${port}`;
    const options = [
      "--heapsnapshot-signal=SIGUSR2",
      "--report-on-signal",
      "--report-signal=SIGWINCH",
      "--report-on-fatalerror",
      `--diagnostic-dir=${dumps}`,
      `--report-dir=${dumps}`,
      "--inspect-port=0",
      "--max-old-space-size=256",
    ];
    const environment = { XID_LOG_LEVEL: "trace", XID_STATUS_MAX_AGE: "0", NODE_OPTIONS: options.join(" ") };
    server = await startServer({ sandbox, app }, { port, issuer, data, environment });
    party = await startParty(issuer);
    resident = await createResident();
    canary = new Search(writingsOf(await readCard(sandbox, resident)));
    await handOver();
    await failToHandOver();
  }, 240_000);
  afterAll(async () => {
    await server?.end("SIGTERM");
    party?.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const cardWith = (pin: (kind: "signature" | "text") => string) => ({
    card: { sandbox, pin: async (kind: "signature" | "text") => pin(kind), lastTryAllowed: false },
  });
  const card = () => cardWith((kind) => resident.pins[kind]);
  const enrolled = async (device: string, fetchPlatform: typeof fetch = fetch) => {
    const wallet = await HeadlessWallet.openOrCreate(
      walletFile(join(wallets, device), resident.id),
      resident.id,
      issuer,
      fetchPlatform,
    );
    const pin = resident.pins.signature;
    await wallet.enrol({ sandbox, pin, lastTryAllowed: false, otherDevices: "keep", deviceName: device });
    return wallet;
  };
  /** The same device as `enrolled` has made, without the wallet. */
  const clientOf = async (device: string) => {
    const { deviceId, keys } = (await walletFile(join(wallets, device), resident.id).read())!.device!;
    return new WalletClient({ platformUrl: issuer, keys: openDeviceKeys(keys), deviceId });
  };
  const begin = () => party.xid.start({ myNumber: { purpose: "tax.specified_account" } });
  const authorities = async () => parseCardAuthorities(await (await fetch(`${sandbox}/reader/authorities`)).json());

  /** To the end: the relying party has the number. */
  async function handOver(): Promise<void> {
    const wallet = await enrolled("good");
    const { url, transaction } = await begin();
    const callback = await signIn(wallet, url, everything, card());
    const verified = await party.xid.finish(callback, transaction);
    requestIds.push(verified.handOver!.requestId);
    handedOver = verified.handOver!;
    inside = await decrypt(verified.handOver!.envelope, party.decryptionKey());
    opened = await party.xid.openMyNumber(verified, { authorities: await authorities() });
    // Once more without a browser, and once more without anybody who picks it up.
    const purpose = "tax.nisa";
    const { pending } = await party.xid.requestApproval({ subject: verified.subject, myNumber: { purpose } });
    const { requests } = await wallet.requests();
    await wallet.approve(requests[0]!.requestId, everything, card());
    const approved = (await party.xid.approval(pending))!;
    expect(await party.xid.openMyNumber(approved, { authorities: await authorities() })).toMatchObject({
      myNumber: opened.myNumber,
      purpose,
    });
    await signIn(wallet, (await begin()).url, everything, card());
  }

  /** What must not happen: a wrong PIN, another key, another request's envelope, one that is too large or none, a refusal. */
  async function failToHandOver(): Promise<void> {
    const refused = async (wallet: HeadlessWallet, means = card()) =>
      signIn(wallet, (await begin()).url, everything, means).then(
        () => "handed over",
        (error: { code?: string; problem?: { code: string } }) => error.problem?.code ?? error.code,
      );
    const wallet = await enrolled("bad");
    expect(
      await refused(
        wallet,
        cardWith(() => (resident.pins.text === "0000" ? "1111" : "0000")),
      ),
    ).toBe("PIN_WRONG");
    const changing: typeof fetch = async (url, init) => {
      const answer = await fetch(url, init);
      if (String(url).endsWith("/open")) party.serveKey("another");
      return answer;
    };
    expect(await refused(await enrolled("changing", changing))).toBe("KEY_MISMATCH");
    party.serveKey("own");

    // Somebody who has the device's keys, and sends what no wallet would.
    const client = await clientOf("bad");
    const send = async (handOver: SealedHandOver) => {
      const { url, transaction } = await begin();
      const browser = new Browser(issuer);
      const requestId = await requestOf(browser, url);
      const display = await client.openRequest(requestId, { via: "link" });
      const { returnTo } = await client.approveRequest(display, [], "app_pin", { handOver });
      const secret = returnTo!.split("#")[1];
      const callback = await browser.post(`${issuer}/interaction/${requestId}/return`, { secret });
      return party.xid.openMyNumber(await party.xid.finish(callback.url, transaction), {
        authorities: await authorities(),
      });
    };
    const codeOf = (sending: Promise<unknown>) =>
      sending.then(
        () => "handed over",
        (error: { code?: string; problem?: { code: string } }) => error.problem?.code ?? error.code,
      );
    const { envelope, holderKey } = handedOver;
    expect(await codeOf(send({ envelope, holderKey }))).toBe("HAND_OVER_MISMATCH");
    expect(await codeOf(send({ envelope, holderKey: "A".repeat(43) }))).toBe("HOLDER_MISMATCH");
    expect(await codeOf(send({ envelope: envelope.padEnd(20_000, "A"), holderKey }))).toBe("MALFORMED");
    expect(await codeOf(send({ envelope: envelope.replace(/^[^.]+/, "e30"), holderKey }))).toBe("ENVELOPE_INVALID");

    const requestId = await requestOf(new Browser(issuer), (await begin()).url);
    await wallet.openRequest({ requestId, via: "link" });
    expect((await wallet.decline(requestId)).state).toBe("declined");
  }

  /** For something that is known to be there: so that the search can be seen to find. */
  const control = (value: string) => new Search([{ what: "control", bytes: Buffer.from(value) }]);

  it("was really there: the relying party has it, what was in the envelope has it, the sandbox's cards have it", () => {
    expect(opened.myNumber).toMatch(/^99990\d{7}$/);
    expect(canary.bytes("the relying party", Buffer.from(JSON.stringify(opened)))).not.toEqual([]);
    const found = canary.bytes("the envelope", Buffer.from(inside)).join("\n");
    expect(found).toContain("digits as bytes, base64 of base64");
    expect(found).toContain("EF 0003 signature, base64 of base64");
    expect(canary.folder(join(inject("places").data, "sandbox")).finds.join("\n")).toContain("digits");
  });

  it("is in none of the server's tables, nor in what the server's own keys open of them", async () => {
    const contents = await withDatabase(data, (connection) => openTables(connection, join(data, "keys")));
    const all = Object.fromEntries(contents.map((content) => [content.table, content]));
    expect(control(resident.name).bytes("attributes", all.attributes!.opened)).toHaveLength(1);
    expect(all.hand_overs!.sealedValues).toBeGreaterThan(0);
    expect(control(requestIds[0]!).bytes("requests", all.requests!.stored)).toHaveLength(1);
    for (const { table, stored, opened: readable } of contents) {
      expect(canary.bytes(table, stored)).toEqual([]);
      expect(canary.bytes(`${table}, opened`, readable)).toEqual([]);
    }
  });

  it("is in none of the server's files: tables, write-ahead log, keys; nor in a wallet's", async () => {
    await withDatabase(data, (connection) => checkpoint(connection));
    const { files, finds } = canary.folder(data);
    expect(files.filter((file) => file.includes("pg_wal/"))).not.toEqual([]);
    const known = control(requestIds[0]!).folder(data).finds.join("\n");
    for (const place of ["/base/", "/pg_wal/"]) expect(known).toContain(place);
    expect(finds).toEqual([]);
    expect(canary.folder(wallets)).toMatchObject({
      finds: [],
      files: expect.arrayContaining([expect.anything()]),
    });
  });

  it("is in no line of its log, at its most talkative", () => {
    expect(server.log()).toContain("/wallet/v1/requests/:id/approve");
    expect(canary.bytes("log", Buffer.from(server.log()))).toEqual([]);
  });

  it("is not in its memory, in a snapshot of its heap, or in a diagnostic report", async () => {
    const { bytes, finds } = canary.memory(server.pid);
    expect(bytes).toBeGreaterThan(50_000_000);
    expect(finds).toEqual([]);
    expect(control(issuer).memory(server.pid).finds).toHaveLength(1);

    process.kill(server.pid, "SIGUSR2");
    const snapshot = await written(dumps, /\.heapsnapshot$/);
    expect(control(issuer).bytes("heap snapshot", snapshot)).toHaveLength(1);
    expect(canary.bytes("heap snapshot", snapshot)).toEqual([]);

    process.kill(server.pid, "SIGWINCH");
    const report = await written(dumps, /^report\..*\.json$/);
    expect(control(issuer).bytes("report", report)).toHaveLength(1);
    expect(canary.bytes("report", report)).toEqual([]);
  });

  it("is not kept where somebody sends it in the clear, though nobody should", async () => {
    const { myNumber } = opened;
    const post = (path: string, body: string, headers: Record<string, string> = {}) =>
      fetch(`${issuer}${path}`, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
    const approval = JSON.stringify({ approval: myNumber, handOver: { envelope: myNumber, holderKey: myNumber } });
    const answers = await Promise.all([
      fetch(`${issuer}/v1/requests/${requestIds[0]}/hand-over?number=${myNumber}`),
      fetch(`${issuer}/v1/requests/${myNumber}${myNumber}/hand-over`),
      fetch(`${issuer}/authorize?login_hint=${myNumber}&state=${myNumber}`),
      fetch(`${issuer}/${myNumber}`, { headers: { "user-agent": myNumber, "x-request-id": myNumber } }),
      post(`/wallet/v1/requests/${myNumber}/approve`, approval),
      post("/par", myNumber, { authorization: `Bearer ${myNumber}` }),
    ]);
    for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(400);
    const contents = await withDatabase(data, (connection) => openTables(connection, join(data, "keys")));
    for (const { table, stored, opened: readable } of contents) {
      expect(canary.bytes(table, Buffer.concat([stored, readable]))).toEqual([]);
    }
    expect(canary.bytes("log", Buffer.from(server.log()))).toEqual([]);
  });

  it("is not in the report of a crash", async () => {
    const before = new Set(readdirSync(dumps));
    await crash(server);
    const reports = readdirSync(dumps).filter((name) => !before.has(name));
    expect(reports).toEqual([expect.stringMatching(/^report\..*\.json$/)]);
    const report = readFileSync(join(dumps, reports[0]!));
    expect(report.toString()).toContain("Allocation failed");
    expect(canary.bytes("crash", report)).toEqual([]);
  });
});

/** A relying party whose decryption key can change behind the platform's back. */
async function startParty(issuer: string): Promise<{
  server: Server;
  xid: Xid;
  decryptionKey: () => JWK;
  serveKey: (which: "own" | "another") => void;
}> {
  let stored: string | undefined;
  let encrypts: "own" | "another" = "own";
  const other = await exportJWK((await generateKeyPair("ECDH-ES", { crv: "P-256" })).publicKey);
  let xid: Xid;
  const server = createServer(async (_request, response) => {
    const { keys } = await xid.publicJwks();
    const served = keys.map((key) => (key.use === "enc" && encrypts === "another" ? { ...key, ...other } : key));
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify({ keys: served }));
  }).listen(0);
  await once(server, "listening");
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  xid = createXid({
    issuer,
    redirectUri: `${origin}/callback`,
    store: {
      read: async () => stored,
      write: async (state) => {
        stored = state;
      },
    },
    registration: {
      name: { ja: "さくら証券", en: "Sakura Securities" },
      purpose: { ja: "特定口座の開設", en: "To open a specified account" },
      myNumberPurposes: ["tax.specified_account", "tax.nisa"],
      backChannel: "poll",
      jwksUri: `${origin}/jwks`,
    },
  });
  return {
    server,
    xid,
    decryptionKey: () => JSON.parse(stored!).encryptionKey as JWK,
    serveKey: (which) => {
      encrypts = which;
    },
  };
}

async function readCard(sandbox: string, resident: Resident): Promise<{ myNumber: string; record: Uint8Array }> {
  const card = await new HttpCardReader(sandbox).connect(resident.id);
  const text = await TextApplication.select(card);
  await text.verifyPin(resident.pins.text);
  const myNumber = await text.readMyNumber();
  const { record } = await text.readSignedText({});
  await card.close();
  return { myNumber, record };
}

async function decrypt(envelope: string, key: JWK): Promise<string> {
  return Buffer.from((await compactDecrypt(envelope, await importJWK(key, "ECDH-ES"))).plaintext).toString();
}

async function requestOf(browser: Browser, url: string): Promise<string> {
  const page = await browser.get(url);
  if (page.kind !== "page") throw new Error("no sign-in page");
  return ((await page.response.json()) as { requestId: string }).requestId;
}

async function withDatabase<T>(
  dataDirectory: string,
  work: (connection: Awaited<ReturnType<typeof startEmbeddedPostgres>>["connection"]) => Promise<T>,
): Promise<T> {
  const postgres = await startEmbeddedPostgres({ dataDirectory, log: () => undefined });
  try {
    return await work(postgres.connection);
  } finally {
    await postgres.release();
  }
}

async function checkpoint(connection: object): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client(connection);
  await client.connect();
  await client.query("CHECKPOINT").finally(() => client.end());
}

/** The one file of that name, once it is whole: it is JSON. */
async function written(folder: string, name: RegExp): Promise<Buffer> {
  const read = () => {
    const file = readdirSync(folder).find((entry) => name.test(entry));
    const bytes = file ? readFileSync(join(folder, file)) : Buffer.alloc(0);
    return bytes.subarray(-16).toString().trimEnd().endsWith("}") ? bytes : undefined;
  };
  await expect.poll(() => read() !== undefined, { timeout: 60_000, interval: 200 }).toBe(true);
  return read()!;
}

/** Has V8 run out of memory, by way of the debugger that a signal opens. */
async function crash(server: ServerProcess): Promise<void> {
  process.kill(server.pid, "SIGUSR1");
  await expect.poll(() => server.log(), { timeout: 20_000 }).toMatch(/listening on ws:/);
  const socket = new WebSocket(/listening on (ws:\S+)/.exec(server.log())![1]!);
  await once(socket, "open");
  const expression = "const all = []; for (;;) all.push(new Array(1e6).fill(all.length));";
  socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
  await server.end("SIGCONT");
  socket.close();
}
