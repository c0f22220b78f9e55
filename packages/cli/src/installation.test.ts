import { createHash, createPublicKey, type JsonWebKey, randomBytes, verify, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeadlessWallet } from "@xid/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FoundedTown, Person } from "./sandbox-client.ts";
import { end, freePortBase, xid, xidJson, xidUntil } from "./test-xid.ts";
import { readWallet, walletFile } from "./wallet/wallet-file.ts";

type Created = Pick<Person, "id" | "name" | "birthdate" | "gender" | "address" | "pins">;
type CertificateRead = { certificate: { pem: string } };
type Client = { client_id: string; private_jwk: JsonWebKey };

const redirectUri = "http://localhost:3999/callback";

let data: string;
let base: number;
let up: Awaited<ReturnType<typeof xidUntil>>;
let where: string[];
let person: Created;
let client: Client;
let authorizationEndpoint: string;

const start = () => xidUntil('"ready":true', ["up", "--json", "--only", "op,sandbox", ...where]);

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "xid-cli-"));
  base = await freePortBase();
  where = ["--port-base", String(base), "--data", data];
  up = await start();
  person = await xidJson<Created>("person", "create", "--persona", "default", ...where);
  const discovery = await fetch(`http://localhost:${base + 1}/.well-known/openid-configuration`);
  authorizationEndpoint = ((await discovery.json()) as { authorization_endpoint: string }).authorization_endpoint;
});
afterAll(async () => {
  if (up) await end(up);
  await rm(data, { recursive: true, force: true });
});

function authorizationUrl(extra: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid name address",
    state: "the-state",
    nonce: "the-nonce",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    claims: JSON.stringify({ userinfo: { name: { essential: true }, address: null } }),
    ...extra,
  });
  return `${authorizationEndpoint}?${query}`;
}

describe("residents and cards", () => {
  it("creates a resident with the fields that scripts rely on", () => {
    expect(person).toEqual({
      id: expect.stringMatching(/^[a-z0-9-]+$/),
      name: expect.stringContaining("\u3000"),
      birthdate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      gender: expect.stringMatching(/^(male|female|unknown)$/),
      address: expect.any(String),
      pins: {
        signature: expect.stringMatching(/^[0-9A-Z]{6,16}$/),
        authentication: expect.stringMatching(/^\d{4}$/),
        text: expect.stringMatching(/^\d{4}$/),
      },
    });
  });

  it("lists and shows residents", async () => {
    expect((await xidJson<Person[]>("person", "list", ...where)).map(({ id }) => id)).toContain(person.id);
    expect(await xidJson("person", "show", person.id, ...where)).toMatchObject({ ...person, persona: "default" });
  });

  it("lets things go wrong for one verifier or one card, shows them, and puts them right", async () => {
    const [platform] = await xidJson<{ id: string; name: string }[]>("fault", "verifiers", ...where);
    expect(platform).toEqual({ id: expect.any(String), name: "xID" });
    // Of nothing that the platform does by itself, such as a sweep, which would count.
    await xidJson("fault", "set", "ocsp-down", "--verifier", "xID", "--count", "3", ...where);
    await xidJson("fault", "set", "card-torn", "--person", person.id, "--apdu", "2", "--carried-out", ...where);
    await xidJson("fault", "set", "clock-skew", "--seconds=-60", "--expires", "600", ...where);
    const faults = [
      { kind: "ocsp-down", verifier: platform!.id, count: 3 },
      { kind: "card-torn", person: person.id, apdu: 2, carriedOut: true },
      { kind: "clock-skew", seconds: -60, expiresAt: expect.any(String) },
    ];
    expect(await xidJson("fault", "list", ...where)).toMatchObject(faults);
    const torn = await xid(["card", "info", "--person", person.id, ...where]);
    expect([torn.status, torn.stderr]).toEqual([1, expect.stringContaining("CARD_LOST")]);
    expect(await xidJson("fault", "clear", "--kind", "clock-skew", ...where)).toEqual({ cleared: 1 });
    expect((await xid(["fault", "list", ...where])).stdout).toMatch(/^ocsp-down +xID .*3回[^\n]*\ncard-torn /);
    expect(await xidJson("fault", "clear", ...where)).toEqual({ cleared: 2 });
    expect((await xid(["fault", "list", ...where])).stdout).toContain("nothing is wrong");
    const unknown = await xid(["fault", "set", "jlis-down", "--verifier", "nobody", ...where]);
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining("xid fault verifiers")]);
    expect((await xid(["card", "info", "--person", person.id, ...where])).status).toBe(0);
  });

  it("signs with the card what the certificate on the card verifies", async () => {
    const file = join(data, "message");
    await writeFile(file, "署名するもの");
    const mine = ["--person", person.id, ...where];
    const { certificate } = await xidJson<CertificateRead>("card", "read", "--certificate", "signature", ...mine);
    const signed = await xidJson<{ signature: string }>("card", "sign", file, ...mine);
    const { publicKey } = new X509Certificate(certificate.pem);
    expect(verify("sha256", await readFile(file), publicKey, Buffer.from(signed.signature, "base64"))).toBe(true);
  });

  it("tells what the card answers to a wrong password, and how many tries are left", async () => {
    const { id } = await xidJson<Created>("person", "create", ...where);
    const { status, stderr } = await xid(["wallet", "enrol", "--person", id, "--pin", "WRONG1", "--json", ...where]);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toEqual({ code: "PIN_WRONG", message: expect.any(String), remaining: 4 });
    expect(await xidJson("card", "info", "--person", id, ...where)).toMatchObject({ signature: { triesLeft: 4 } });
    const { stdout: log } = await xid(["card", "log", id, "--bytes", "--lang", "ja", ...where]);
    expect(log).toContain(
      "! VERIFY 署名用パスワード → 不一致、残り4回\n    > 00 20 00 80 06 ** ** ** ** ** **\n    < 63 c4",
    );
  });

  it("passes on what happens to a resident", async () => {
    const { id } = await xidJson<Created>("person", "create", ...where);
    const address = "香川県高松市番町１丁目８番１５号";
    const moved = await xidJson<Person>("person", "event", id, "move", "--to", address, ...where);
    expect(moved.address).toBe(address);
    expect(moved.card.certificates).toContainEqual(expect.objectContaining({ kind: "signature", status: "revoked" }));
  });

  it("creates a town, finds its residents by name, and enrols one of them like anybody", async () => {
    const large = ["--residents", "200000", "--seed", "7"];
    const { town, revoked } = await xidJson<FoundedTown>("town", "create", ...large, ...where);
    expect(town).toMatchObject({ residents: 200_000, seed: 7 });
    expect(revoked.signature.at(-1)!.revoked).toBeGreaterThan(100_000);
    expect(await xidJson("town", "show", ...where)).toEqual(town);
    const { residents } = await xidJson<{ residents: Created[] }>("town", "list", "--name", "佐藤", ...where);
    expect(residents).toHaveLength(30);
    const adult = residents.find(({ birthdate }) => birthdate < "2000")!;
    await xidJson("person", "event", adult.id, "reissue-certificates", ...where);
    const enrolled = await xidJson<object>("wallet", "enrol", "--person", adult.id, ...where);
    expect(enrolled).toMatchObject({ person: adult.id });
    const other = await xid(["town", "create", "--residents", "3", "--json", ...where]);
    expect(JSON.parse(other.stderr)).toMatchObject({ code: "SANDBOX_REFUSED", sandboxCode: "TOWN_EXISTS" });
    expect((await xid(["town", "create", "--residents", "many", ...where])).status).toBe(2);
  });

  it("registers one's own residents from a file, and tells the line of a mistake", async () => {
    const file = join(data, "people.json");
    await writeFile(file, '[\n  {"id": "saburo", "persona": "phone-holder"},\n  {"birthdate": "1990-02-30"}\n]');
    const refused = await xid(["person", "create", "--persona-file", file, "--json", ...where]);
    expect(JSON.parse(refused.stderr)).toMatchObject({ sandboxCode: "BIRTHDATE_UNSUITABLE" });
    expect(refused.stderr).toContain("line 3, [1].birthdate");
    await writeFile(file, '[{"id": "saburo", "persona": "phone-holder"}]');
    const created = await xidJson<Person[]>("person", "create", "--persona-file", file, ...where);
    expect(created).toMatchObject([{ id: "saburo", phone: { model: "android" } }]);
    const { stdout } = await xid(["person", "show", "saburo", ...where]);
    expect(stdout).toContain("phone  android");
    expect((await xid(["person", "create", "--persona-file", file, "--name", "x", ...where])).status).toBe(2);
  });

  it("plans an event for a day, shows it, and cancels it", async () => {
    const { id } = await xidJson<Created>("person", "create", ...where);
    const event = ["person", "event", id, "marriage", "--family-name", "新姓", "--at", "2035-04-01"];
    const planned = await xidJson<{ planned: { id: number; type: string }[] }>(...event, ...where);
    expect(planned.planned).toMatchObject([{ type: "marriage" }]);
    const { stdout } = await xid(["person", "timeline", id, ...where]);
    expect(stdout).toMatch(/カードの交付[\s\S]*2035-04-01 00:00 {2}婚姻による改姓.*planned.*#\d+/);
    const number = String(planned.planned[0]?.id);
    expect((await xid(["person", "cancel", id, number, ...where])).status).toBe(0);
    expect((await xid(["person", "cancel", id, number, "--json", ...where])).stderr).toContain("EVENT_NOT_PENDING");
  });

  it("moves the sandbox's clock forward, and never back", async () => {
    const before = await xidJson<{ now: string; aheadMilliseconds: number }>("clock", "show", ...where);
    expect(before.aheadMilliseconds).toBe(0);
    const advanced = await xidJson<{ now: string }>("clock", "advance", "1d", ...where);
    expect(Date.parse(advanced.now) - Date.parse(before.now)).toBeGreaterThanOrEqual(86_400_000);
    const { status, stderr } = await xid(["clock", "set", "2020-01-01", "--json", ...where]);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: "SANDBOX_REFUSED", sandboxCode: "CLOCK_BACKWARDS" });
  });

  it("puts the card behind vpcd without its keys, until interrupted", async () => {
    const vpcd = createServer().listen(0, "127.0.0.1");
    await once(vpcd, "listening");
    const { port } = vpcd.address() as { port: number };
    const inserted = once(vpcd, "connection") as Promise<[Socket]>;
    const attached = await xidUntil("vpcd", [
      "card",
      "attach",
      person.id,
      "--vpcd-port",
      String(port),
      "--json",
      ...where,
    ]);
    const [socket] = await inserted;
    const message = (hex: string) => {
      const payload = Buffer.from(hex, "hex");
      socket.write(Buffer.concat([Buffer.of(0, payload.length), payload]));
    };
    const answer = async () => ((await once(socket, "data")) as [Buffer])[0].subarray(2).toString("hex");
    message("04");
    expect(await answer()).toMatch(/^3b/);
    message("01");
    message("00a4040c0ad392f000260100000001");
    expect(await answer()).toBe("9000");
    const closed = once(socket, "close");
    expect(await end(attached, "SIGINT")).toBe(0);
    await closed;
    vpcd.close();
  });
});

describe("a headless wallet", () => {
  it("enrols with the card", async () => {
    expect(await xidJson("wallet", "enrol", "--person", person.id, ...where)).toEqual({
      person: person.id,
      state: "completed",
      deviceId: expect.stringMatching(/^[^.]+\.[^.]+$/),
      account: "created",
      attributes: { name: person.name, birthdate: person.birthdate, gender: person.gender, address: person.address },
      replacedDevices: 0,
    });
  });

  it("finds the same account again, and replaces the device", async () => {
    expect(await xidJson("wallet", "enrol", "--person", person.id, ...where)).toMatchObject({
      account: "existing",
      replacedDevices: 1,
    });
  });

  it("takes up an enrolment whose answer was lost", async () => {
    const { id, pins } = await xidJson<Created>("person", "create", ...where);
    const losesAnswer: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      if (!String(url).endsWith("/complete")) return response;
      await response.text();
      throw new TypeError("the connection broke");
    };
    const wallet = await HeadlessWallet.openOrCreate(
      walletFile(data, id),
      id,
      `http://localhost:${base + 1}`,
      losesAnswer,
    );
    const sandbox = `http://localhost:${base + 6}`;
    const card = { sandbox, pin: pins.signature, lastTryAllowed: false };
    await expect(wallet.enrol({ ...card, otherDevices: "replace", deviceName: "test" })).rejects.toMatchObject({
      code: "UNREACHABLE",
    });
    expect((await readWallet(data, id))?.device).toBeNull();
    const taken = await xidJson<{ account: string }>("wallet", "enrol", "--person", id, "--pin", "NOTNEEDED", ...where);
    expect(taken.account).toBe("created");
    expect(await readWallet(data, id)).toMatchObject({ device: { deviceId: expect.any(String) }, pending: null });
  });

  it("registers a relying party, and keeps its key", async () => {
    const purpose = ["--purpose-ja", "口座開設のため", "--purpose-en", "To open an account"];
    client = await xidJson<Client>(
      "client",
      "register",
      ...["--name-ja", "試験銀行", "--name-en", "Test Bank"],
      "--redirect-uri",
      redirectUri,
      ...purpose,
      ...where,
    );
    expect(client).toMatchObject({
      client_id: expect.any(String),
      token_endpoint_auth_method: "private_key_jwt",
      redirect_uris: [redirectUri],
      private_jwk: { kty: "EC", crv: "P-256", d: expect.any(String) },
    });
    expect(createPublicKey({ key: client.private_jwk, format: "jwk" }).asymmetricKeyType).toBe("ec");
  });

  it("registers one that is held to FAPI 2.0, with encrypted answers and back-channel logout", async () => {
    const logoutUri = "http://localhost:9/logout";
    const registered = await xidJson<Record<string, unknown>>(
      ...["client", "register", "--redirect-uri", redirectUri, "--profile", "fapi2_message_signing"],
      ...["--encrypt", "--logout-uri", logoutUri, ...where],
    );
    expect(registered).toMatchObject({
      xid_profile: "fapi2_message_signing",
      require_signed_request_object: true,
      id_token_encrypted_response_alg: "ECDH-ES",
      backchannel_logout_uri: logoutUri,
      private_encryption_jwk: { kty: "EC", use: "enc", d: expect.any(String) },
    });
  });

  it("signs in, and comes back with code, state and issuer", async () => {
    const result = await xidJson<{ redirect: string }>(
      ...["wallet", "sign-in", "--person", person.id, "--url", authorizationUrl(), ...where],
    );
    expect(Object.keys(result)).toEqual(["redirect"]);
    const callback = new URL(result.redirect);
    expect(callback.origin + callback.pathname).toBe(redirectUri);
    expect(Object.fromEntries(callback.searchParams)).toEqual({
      code: expect.any(String),
      state: "the-state",
      iss: `http://localhost:${base + 1}`,
    });
  });

  it("gives only required items unless told otherwise, and refuses to leave one out", async () => {
    const { services } = await xidJson<{ services: { clientId: string; items: string[] }[] }>(
      ...["wallet", "services", "--person", person.id, ...where],
    );
    expect(services).toMatchObject([{ clientId: client.client_id, items: ["name"] }]);
    const signIn = ["wallet", "sign-in", "--person", person.id, "--url", authorizationUrl(), "--json", ...where];
    const { status, stderr } = await xid([...signIn, "--items", "address"]);
    expect(status).toBe(1);
    expect(JSON.parse(stderr).code).toBe("REQUIRED_ITEM");
  });

  it("opens, shows and approves or declines step by step", async () => {
    const page = await fetch(authorizationUrl(), { redirect: "manual" });
    const cookie = page.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const interaction = new URL(page.headers.get("location") as string, `http://localhost:${base + 1}`);
    const shown = await fetch(interaction, { headers: { cookie, accept: "application/json" } });
    const { link, requestId } = (await shown.json()) as { link: string; requestId: string };
    const mine = ["--person", person.id, ...where];
    expect(await xidJson("wallet", "open", link, ...mine)).toMatchObject({
      requestId,
      client: { name: { ja: "試験銀行", en: "Test Bank" } },
      purpose: { ja: "口座開設のため" },
      items: [
        { name: "name", required: true, value: person.name },
        { name: "address", required: false, value: { formatted: person.address, country: "JP" } },
      ],
    });
    expect(await xidJson("wallet", "decline", requestId, ...mine)).toMatchObject({ state: "declined" });
    const { status, stderr } = await xid(["wallet", "approve", requestId, ...mine]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^NOT_OPENED: /);
  });

  it.each([
    ["a client that does not exist", { client_id: "nobody" }, /^invalid_client/],
    ["a redirect URI that is not registered", { redirect_uri: "http://localhost:3999/other" }, /^invalid_redirect_uri/],
    ["silent sign-in", { prompt: "none" }, /^login_required/],
  ])("says why the provider refuses: %s", async (_, extra, message) => {
    const { status, stderr } = await xid([
      "wallet",
      "sign-in",
      "--person",
      person.id,
      "--url",
      authorizationUrl(extra),
      "--json",
      ...where,
    ]);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      code: "AUTHORIZATION_REFUSED",
      message: expect.stringMatching(message),
    });
  });

  it("takes the evidence of an act away, and verifies it without the platform", async () => {
    const of = ["--person", person.id, ...where];
    const history = await xidJson<{ acts: { evidenceId: string; kind: string }[] }>("wallet", "history", ...of);
    const act = history.acts.find(({ kind }) => kind === "sign_in")!;
    const [file, trust] = [join(data, "act.json"), join(data, "trust")];
    await xidJson("evidence", "trust", "--out", trust, ...where);
    const verified = async () => {
      await xidJson("wallet", "evidence", act.evidenceId, "--out", file, ...of);
      return xidJson("evidence", "verify", file, "--trust", trust);
    };
    // The log and the time-stamping authority take a moment.
    await expect
      .poll(() => verified().catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({
        verified: true,
        kind: "sign_in",
        clientId: client.client_id,
        existedBefore: { authority: expect.stringContaining("SIM-TSA") },
      });
    await writeFile(file, (await readFile(file, "utf8")).replace(/"salt": "../, '"salt": "xx'));
    const refused = await xid(["evidence", "verify", file, "--trust", trust, "--json"]);
    expect([refused.status, JSON.parse(refused.stderr).code]).toEqual([1, "LOG_PROOF_INVALID"]);
  });

  it("is audited beside the running server, also against a checkpoint that was kept elsewhere", async () => {
    const checkpoint = join(data, "checkpoint");
    await writeFile(checkpoint, await (await fetch(`http://localhost:${base + 1}/log/checkpoint`)).text());
    const own = ["--trust", join(data, "trust"), "--checkpoint", checkpoint];
    expect(await xidJson("evidence", "audit", ...own, ...where)).toMatchObject({
      findings: 0,
      records: expect.any(Number),
    });
    await writeFile(checkpoint, (await readFile(checkpoint, "utf8")).replace(/\n\d+\n/, "\n999\n"));
    const damaged = await xid(["evidence", "audit", ...own, ...where, "--json"]);
    expect([damaged.status, JSON.parse(damaged.stdout)]).toMatchObject([1, { code: "CHECKPOINT_INVALID" }]);
    expect(JSON.parse(damaged.stderr)).toMatchObject({ code: "EVIDENCE_DAMAGED", findings: 1 });
  });

  it("unlinks a service", async () => {
    await xidJson("wallet", "unlink", client.client_id, "--person", person.id, ...where);
    expect(await xidJson("wallet", "services", "--person", person.id, ...where)).toEqual({ services: [] });
  });

  it("refuses an authorization URL of another platform", async () => {
    const url = "https://id.example/auth?client_id=1";
    const { stderr } = await xid(["wallet", "sign-in", "--person", person.id, "--url", url, ...where]);
    expect(stderr).toMatch(/^OTHER_PLATFORM: /);
  });
});

describe("years later", () => {
  const signIn = (id: string) => ["wallet", "sign-in", "--person", id, "--url", authorizationUrl(), "--json", ...where];

  it("certificates have expired, a renewal by a newer authority leads to the same account, and a death ends it", async () => {
    const { id } = await xidJson<Created>("person", "create", ...where);
    await xidJson("wallet", "enrol", "--person", id, ...where);
    await xidJson("clock", "advance", "6y", ...where);
    expect(JSON.parse((await xid(signIn(id))).stderr)).toMatchObject({ code: "CERTIFICATE_EXPIRED" });
    await xidJson("person", "event", id, "renew", ...where);
    const again = await xidJson("wallet", "enrol", "--person", id, ...where);
    expect(again).toMatchObject({ account: "existing" });
    const signedIn = await xid(signIn(id));
    expect(JSON.parse(signedIn.stdout)).toMatchObject({ redirect: expect.stringContaining("code=") });

    const dies = new Date(Date.now() + 6.5 * 365 * 86_400_000).toISOString();
    await xidJson("person", "event", id, "death", "--at", dies, ...where);
    await xidJson("clock", "advance", "1y", ...where);
    expect(JSON.parse((await xid(signIn(id))).stderr)).toMatchObject({ code: "CERTIFICATE_REVOKED" });
  });
});

describe("xid up", () => {
  it("refuses to start twice on the same ports", async () => {
    const { status, stderr } = await xid(["up", "--only", "op,sandbox", "--json", ...where]);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: "PORT_IN_USE" });
  });

  it("takes its parts with it when it is killed, and finds everything again", async () => {
    await end(up, "SIGKILL");
    await vanished(base + 1);
    await vanished(base + 6);
    up = await start();
    expect(await xidJson("wallet", "services", "--person", person.id, ...where)).toEqual({ services: [] });
  });

  it("ends with status 0 when interrupted", async () => {
    expect(await end(up, "SIGINT")).toBe(0);
  });
});

/** Resolves when nobody listens on the port any more. */
async function vanished(port: number): Promise<void> {
  const answered = await fetch(`http://localhost:${port}/healthz`)
    .then((response) => response.text())
    .catch(() => undefined);
  if (answered !== undefined) await vanished(port);
}
