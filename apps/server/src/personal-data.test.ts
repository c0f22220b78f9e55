import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { TextApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { sql } from "kysely";
import * as rp from "openid-client";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { readEvidence } from "./evidence/record.ts";
import { registerClient, TestBrowser } from "./oidc/test-provider.ts";
import { type RunningServer, startServer } from "./start.ts";
import { loadSealer } from "./store/sealer.ts";
import { createTestDatabase, type TestDatabase } from "./store/test-database.ts";
import { freePort, office, type Resident, refusalOf, startSandbox, TestDevice } from "./test-world.ts";

const redirectUri = "http://localhost:4003/callback";

/**
 * The canary: a whole server, an enrolment, a sign-in and everything that may go wrong beside them; afterwards neither
 * a line of its log nor a byte of its database may hold anything of the person in the clear.
 */
describe("what is personal", () => {
  let test: TestDatabase;
  let server: RunningServer;
  let dataDirectory: string;
  let hanako: Resident;
  let myNumber: string;
  let accountId: string;
  let userInfo: Record<string, unknown>;
  let log = "";

  beforeAll(async () => {
    const [sandboxUrl, port] = await Promise.all([startSandbox(), freePort()]);
    [test, dataDirectory, hanako] = await Promise.all([
      createTestDatabase(),
      mkdtemp(join(tmpdir(), "xid-canary-")),
      office(sandboxUrl, "/api/people", { persona: "default" }),
    ]);
    const config = readConfig({
      XID_PROFILE: "sandbox",
      XID_PORT: String(port),
      XID_SANDBOX_URL: sandboxUrl,
      XID_DATA_DIR: dataDirectory,
      XID_STATUS_MAX_AGE: "0",
      DATABASE_URL: addressOf(test.connection),
    });
    const lines = new Writable({
      write(chunk, _encoding, done) {
        log += String(chunk);
        done();
      },
    });
    // Without the serializers that take values out of errors, so that nothing rests on them alone.
    server = await startServer(config, pino({ level: "trace" }, lines));
    const platformUrl = config.issuer;
    const device = new TestDevice({ sandboxUrl, platformUrl });
    await device.enrol(hanako);
    ({ accountId } = device.ids);
    myNumber = await readMyNumber(sandboxUrl, hanako);
    userInfo = await signIn(platformUrl, device);
    for (const detail of [detailAbout(hanako), transferTo(hanako)]) {
      await signIn(platformUrl, device, { authorization_details: JSON.stringify([detail]) });
    }
    await goWrong({ sandboxUrl, platformUrl }, device);
  });
  afterAll(async () => {
    await server?.stop();
    await test?.close();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  /** A document that says everything of a person, as documents do. */
  const detailAbout = ({ name, address, birthdate }: Resident) => ({
    type: "urn:xid:card-signature",
    document: { text: `申込書\n${name}\n${address}\n${birthdate}` },
    display: {
      layout: "application",
      title: { ja: "申込書", en: "Application" },
      recipient: { ja: "テスト銀行", en: "Test Bank" },
    },
  });

  /** A transfer whose payee, and the name of whose file, say who somebody is. */
  const transferTo = ({ name, address }: Resident) => ({
    type: "urn:xid:document-signature",
    format: "cms",
    document: { algorithm: "sha-256", digest: "A".repeat(43), name: `${name}.pdf`, size: 1 },
    display: {
      layout: "transfer",
      payee: { ja: name.replace("　", " "), en: "x" },
      account: { ja: address, en: "x" },
      amount: 1,
    },
  });

  /** A sign-in of a relying party, or a signature, to the end. */
  async function signIn(
    issuer: string,
    device: TestDevice,
    parameters: Record<string, string> = {},
  ): Promise<Record<string, unknown>> {
    const { body } = await registerClient(issuer, {
      redirect_uris: [redirectUri],
      authorization_details_types: ["urn:xid:card-signature", "urn:xid:document-signature"],
    });
    const client = await rp.discovery(
      new URL(issuer),
      body.client_id!,
      body,
      rp.ClientSecretBasic(body.client_secret!),
      { execute: [rp.allowInsecureRequests] },
    );
    const verifier = rp.randomPKCECodeVerifier();
    const url = rp.buildAuthorizationUrl(client, {
      redirect_uri: redirectUri,
      scope: "openid name birthdate gender address",
      code_challenge: await rp.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...parameters,
    });
    const browser = new TestBrowser();
    const requestId = await browser.begin(url.href, issuer);
    const display = await device.open({ requestId });
    const items = display.items.map(({ name }) => name);
    const given =
      display.kind === "card_signature"
        ? { card: await device.signWithCard(display, hanako) }
        : display.kind === "document_signature"
          ? { document: await device.client.signDocument(display) }
          : {};
    const { returnTo } = await device.client.approveRequest(display, items, "app_pin", given);
    const secret = new URL(returnTo!).hash.slice(1);
    const returned = await browser.fetch(`${issuer}/interaction/${requestId}/return`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ secret }),
    });
    const resumed = await browser.fetch(new URL(returned.headers.get("location")!, issuer).href);
    const callback = new URL(resumed.headers.get("location")!);
    const tokens = await rp.authorizationCodeGrant(client, callback, { pkceCodeVerifier: verifier });
    for (const { request_id: id, evidence_id: act } of tokens.authorization_details ?? []) {
      for (const path of [`requests/${id}`, `evidence/${act}`]) {
        const answer = await rp.fetchProtectedResource(
          client,
          tokens.access_token,
          new URL(`${issuer}/v1/${path}`),
          "GET",
        );
        expect(answer.status).toBe(200);
      }
    }
    return rp.fetchUserInfo(client, tokens.access_token, tokens.claims()!.sub);
  }

  /** Refusals and errors that have the person's data at hand. */
  async function goWrong(urls: { sandboxUrl: string; platformUrl: string }, device: TestDevice): Promise<void> {
    const stranger = new TestDevice(urls);
    const signed = await stranger.sign(hanako);
    const spoiled = { ...signed.completion, jlisConsentSignature: signed.completion.statementSignature };
    expect(await refusalOf(stranger.client.completeEnrolment(signed.enrolmentId, spoiled))).toBe("SIGNATURE_INVALID");
    expect((await stranger.client.completeEnrolment(signed.enrolmentId, signed.completion)).state).toBe(
      "choose_other_devices",
    );
    const answers = await Promise.all([
      fetch(`${urls.platformUrl}/wallet/v1/me?name=${encodeURIComponent(hanako.name)}`),
      fetch(`${urls.platformUrl}/authorize?login_hint=${encodeURIComponent(hanako.name)}`),
      fetch(`${urls.platformUrl}/${encodeURIComponent(hanako.address)}`),
      fetch(`${urls.platformUrl}/token`, { method: "POST", body: new URLSearchParams({ code: hanako.name }) }),
    ]);
    for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(400);
    await office(urls.sandboxUrl, `/api/people/${hanako.id}/events`, { type: "revoke" });
    expect((await device.client.me()).certificate.status).toBe("revoked");
  }

  const secrets = (): Record<string, string[]> => ({
    name: [hanako.name, hanako.name.replace("　", " "), hanako.name.replace("　", "")],
    "family name": [hanako.name.split("　")[0]!],
    address: [hanako.address],
    "birth date": [hanako.birthdate, hanako.birthdate.replaceAll("-", "")],
    "signature serial": serialForms(serialOf("signature")),
    "authentication serial": serialForms(serialOf("authentication")),
    "My Number": [myNumber],
    password: [hanako.pins.signature],
  });
  const serialOf = (kind: string) => hanako.card.certificates.find((one) => one.kind === kind)!.serial;

  /** Which of the person's data stand in a text, in any writing that would hold them in the clear. */
  function found(text: string): string[] {
    return Object.entries(secrets())
      .filter(([, values]) => values.some((value) => writings(value).some((writing) => text.includes(writing))))
      .map(([what]) => what);
  }

  it("was really there: the relying party got it, and the sealed evidence holds it", async () => {
    const { name, birthdate, gender, address } = hanako;
    expect(userInfo).toMatchObject({ name, birthdate, gender, address: { formatted: address } });
    const sealer = await loadSealer(join(dataDirectory, "keys"));
    const rows = await test.database.selectFrom("evidence").selectAll().where("account_id", "=", accountId).execute();
    const opened = rows.map((row) => readEvidence({ sealer }, row).record.toString()).join();
    expect(rows.map(({ kind }) => kind).sort()).toEqual([
      "card_signature",
      "document_signature",
      "enrolment",
      "sign_in",
    ]);
    expect(found(opened)).toEqual(expect.arrayContaining(["name", "address", "birth date", "signature serial"]));
    expect(found(opened)).not.toContain("My Number");
    expect(found(opened)).not.toContain("password");
  });

  it("is in no line of the log, at its most talkative", () => {
    expect(log).toContain("/wallet/v1/enrolments/:id/complete");
    expect(found(log)).toEqual([]);
  });

  it("is in no byte of any table", async () => {
    const { rows: tables } = await sql<{ name: string }>`
      SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`.execute(test.database);
    expect(tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["attributes", "devices", "evidence", "requests"]),
    );
    for (const { name } of tables) {
      const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM ${sql.table(name)} t`.execute(
        test.database,
      );
      expect({ table: name, found: found(rows.map(({ row }) => row).join("\n")) }).toEqual({ table: name, found: [] });
    }
  });
});

async function readMyNumber(sandboxUrl: string, resident: Resident): Promise<string> {
  const card = await new HttpCardReader(sandboxUrl).connect(resident.id);
  const text = await TextApplication.select(card);
  await text.verifyPin(resident.pins.text);
  const number = await text.readMyNumber();
  await card.close();
  return number;
}

function serialForms(hex: string): string[] {
  return [hex, hex.toUpperCase(), BigInt(`0x${hex}`).toString()];
}

/** A text as it stands, in JSON's and a URL's escapes, in hexadecimal as PostgreSQL prints bytes, and in base64. */
function writings(value: string): string[] {
  const bytes =
    /^[0-9a-f]{20,}$/.test(value) && value.length % 2 === 0 ? Buffer.from(value, "hex") : Buffer.from(value);
  const escaped = JSON.stringify(value)
    .slice(1, -1)
    .replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // The characters of base64 that depend on nothing before or after, at each of the three places it may begin.
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return text.slice(shift === 0 ? 0 : shift + 1, text.length - (text.endsWith("=") ? 4 : 0));
  });
  const plain = [value, escaped, encodeURIComponent(value), bytes.toString("hex"), Buffer.from(value).toString("hex")];
  return [...plain, ...base64, ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))].filter(
    (text) => text.length >= 6,
  );
}

/** The connection as an address in DATABASE_URL. */
function addressOf({ host, port, user, password, database }: TestDatabase["connection"]): string {
  const search = new URLSearchParams({ host: String(host), port: String(port ?? 5432) });
  const credentials = `${encodeURIComponent(String(user))}:${encodeURIComponent(String(password ?? ""))}`;
  return `postgres://${credentials}@localhost/${database}?${search}`;
}
