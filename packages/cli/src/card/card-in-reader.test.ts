import { execFile, spawnSync } from "node:child_process";
import { verify, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type PrivatePcscd, privatePcscdObstacle, startPrivatePcscd } from "@xid/card/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../sandbox-client.ts";
import { end, freePortBase, launcher, xid, xidJson, xidUntil } from "../test-xid.ts";

const obstacle = privatePcscdObstacle();
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const execute = promisify(execFile);

/** The whole way: the sandbox's card, behind vpcd and pcscd, read by `xid card` as any card in a reader. */
describe.skipIf(obstacle !== undefined)(`xid card on a reader${obstacle ? ` (skipped: ${obstacle})` : ""}`, () => {
  let data: string;
  let pcscd: PrivatePcscd;
  let up: Awaited<ReturnType<typeof xidUntil>>;
  let attached: Awaited<ReturnType<typeof xidUntil>>;
  let person: Person;
  let where: string[];

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "xid-reader-"));
    where = ["--port-base", String(await freePortBase()), "--data", data];
    [pcscd, up] = await Promise.all([
      startPrivatePcscd(),
      xidUntil('"ready":true', ["up", "--json", "--only", "sandbox", ...where]),
    ]);
    person = await xidJson<Person>("person", "create", "--persona", "default", ...where);
    const port = String(pcscd.port);
    attached = await xidUntil("vpcd", ["card", "attach", person.id, "--vpcd-port", port, ...where]);
    for (let present = false; !present; ) {
      const listed = JSON.parse((await onReader(["card", "readers", "--json"])).stdout) as { cardPresent: boolean }[];
      present = listed[0]?.cardPresent ?? false;
    }
  });
  afterAll(async () => {
    if (attached) await end(attached, "SIGINT");
    if (up) await end(up);
    await pcscd?.stop();
    await rm(data, { recursive: true, force: true });
  });

  const onReader = (args: string[], stdin = "", language = "C") =>
    xid(args, process.execPath, { stdin, environment: { ...pcscd.environment, LC_ALL: language } });

  it("tells the same of it as of the resident's card over HTTP", async () => {
    const { stdout } = await onReader(["card", "info", "--json"]);
    const { reader, ...told } = JSON.parse(stdout) as Record<string, unknown>;
    expect(reader).toBe("xID 00 00");
    const { person: id, ...overHttp } = await xidJson<Record<string, unknown>>(
      "card",
      "info",
      "--person",
      person.id,
      ...where,
    );
    expect(id).toBe(person.id);
    expect(told).toEqual(overHttp);
    expect(told).toMatchObject({
      token: { model: "card" },
      signature: { issued: true, triesLeft: 5 },
      authentication: { triesLeft: 3, certificate: { serial: expect.stringMatching(/^[0-9a-f]+$/) } },
      triesLeft: { text: 3, residentRegister: 3, numberA: 10, numberB: 10 },
    });
  });

  it("reads attributes and, only where it is asked for, the number, with the PIN from stdin", async () => {
    const read = async (...options: string[]) => {
      const { stdout, stderr } = await onReader(["card", "read", "--json", ...options], `${person.pins.text}\n`);
      expect(stderr).toBe("");
      return JSON.parse(stdout) as { attributes?: { name: string }; myNumber?: string; out?: string };
    };
    const attributes = await read("--attributes");
    expect(attributes).toMatchObject({ attributes: { name: person.name, address: person.address } });
    expect(attributes.myNumber).toBeUndefined();
    const { myNumber } = await read("--my-number");
    expect(myNumber).toMatch(/^[0-9]{12}$/);
    const out = join(data, "number");
    expect(await read("--my-number", "--out", out)).toEqual({ reader: "xID 00 00", out });
    expect(await readFile(out, "utf8")).toContain(myNumber);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
  });

  it("verifies that the issuer signed the text: a resident's always, a reader's with the keys that are trusted", async () => {
    const overHttp = await xidJson<object>("card", "read", "--attributes", "--person", person.id, ...where);
    expect(overHttp).toMatchObject({
      attributes: { name: person.name },
      issuerKeyId: expect.stringMatching(/^3[0-9a-f]{31}$/),
    });
    const response = await fetch(`http://localhost:${Number(where[1]) + 6}/reader/authorities`);
    const [first, ...others] = (await response.json()) as object[];
    const trust = join(data, "trust.json");
    const read = async (trusted: unknown) => {
      await writeFile(trust, JSON.stringify(trusted));
      return onReader(["card", "read", "--attributes", "--trust", trust], `${person.pins.text}\n`);
    };
    expect((await read(others)).stdout).toContain("verified (3");
    expect(await read([first])).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^ISSUER_UNKNOWN: /),
    });
    expect(await read([])).toMatchObject({ status: 2, stderr: expect.stringMatching(/^USAGE: no keys/) });
  });

  it("speaks the language of the environment, counts a wrong PIN, and wants one from somewhere", async () => {
    const attributes = ["card", "read", "--attributes"];
    const wrong = person.pins.text === "0000" ? "1111\n" : "0000\n";
    expect((await onReader(attributes, wrong, "ja_JP.UTF-8")).stderr).toBe(
      "PIN_WRONG: 暗証番号が違います。残り2回です。\n",
    );
    expect((await onReader(attributes, wrong)).stderr).toBe("PIN_WRONG: The PIN is wrong. 1 try is left.\n");
    expect((await onReader(attributes, wrong)).stderr).toMatch(/^LAST_TRY: /);
    const ended = await onReader([...attributes, "--last-try", "--lang", "ja"], `${person.pins.text}\n`);
    expect(ended.stdout).toContain(`氏名      ${person.name}`);
    expect(await onReader(attributes)).toMatchObject({ status: 2, stderr: expect.stringMatching(/^USAGE: no PIN/) });
  });

  it("signs a file, raw, so that the certificate verifies it", async () => {
    const file = join(data, "contract");
    await writeFile(file, "契約書");
    const pin = `${person.pins.signature.toLowerCase()}\n`;
    const { stdout } = await onReader(["card", "read", "--certificate", "signature"], pin);
    const { publicKey } = new X509Certificate(stdout);
    const signed = await onReader(["card", "sign", file, "--algorithm", "RS512"], pin);
    expect(verify("sha512", await readFile(file), publicKey, Buffer.from(signed.stdout, "base64"))).toBe(true);
  });

  it.skipIf(!hasOpenssl).each(["signature", "authentication"] as const)(
    "signs a file by CMS with the %s key, beside it or around it, and openssl verifies both",
    async (key) => {
      const [file, ca] = [join(data, "contract"), join(data, `${key}-ca.pem`)];
      await writeFile(file, "契約書\n");
      await writeFile(ca, (await onReader(["card", "read", "--certificate", `${key}-ca`])).stdout);
      const sign = async (form: string, ...more: string[]) =>
        (await onReader(["card", "sign", file, "--key", key, "--form", form, ...more], `${person.pins[key]}\n`)).stdout;
      const openssl = (...options: string[]) =>
        execute("openssl", ["cms", "-verify", "-binary", "-cades", "-CAfile", ca, "-purpose", "any", ...options]);
      const beside = join(data, "contract.p7s");
      expect(await sign("cms", "--out", beside)).toBe(`${beside}\n`);
      expect((await openssl("-inform", "DER", "-in", beside, "-content", file)).stdout).toBe("契約書\n");
      const around = join(data, "contract.pem");
      await writeFile(around, await sign("cms-attached"));
      expect((await openssl("-inform", "PEM", "-in", around)).stdout).toBe("契約書\n");
      await writeFile(file, "another");
      await expect(openssl("-inform", "DER", "-in", beside, "-content", file)).rejects.toThrow(/verif/i);
    },
  );

  it.skipIf(!hasOpenssl)("reads the draft of the next card as such, and signs with its P-384 keys", async () => {
    const drafted = await xidJson<Person>("person", "create", "--persona", "next-card-draft", ...where);
    const mine = ["--person", drafted.id, ...where];
    const info = await xid(["card", "info", "--lang", "en", ...mine]);
    expect(info.stdout).toMatch(/^draft of the next card \(simulated\) \(SIM-DRAFT-NEXT-CARD\)/);
    expect(await xidJson("card", "read", "--attributes", "--pin", drafted.pins.authentication, ...mine)).toMatchObject({
      attributes: { name: drafted.name },
      issuerKeyId: expect.any(String),
    });
    const [file, ca, out] = ["draft", "draft-ca.pem", "draft.p7m"].map((name) => join(data, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(file, "契約書\n");
    await writeFile(ca, (await xid(["card", "read", "--certificate", "signature-ca", ...mine])).stdout);
    await xidJson("card", "sign", file, "--form", "cms-attached", "--out", out, ...mine);
    const { stdout } = await execute("openssl", [
      ...["cms", "-verify", "-binary", "-inform", "DER", "-in", out, "-CAfile", ca, "-purpose", "any"],
    ]);
    expect(stdout).toBe("契約書\n");
    const refused = await xid(["card", "sign", file, "--algorithm", "RS256", ...mine]);
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(/^USAGE: the keys of this card/) });
  });

  it("reads a resident's phone, whose authentication certificate is behind its PIN", async () => {
    const holder = await xidJson<Person>("person", "create", "--persona", "phone-holder", ...where);
    const phone = ["--person", holder.id, "--phone", ...where];
    const info = await xidJson<object>("card", "info", ...phone);
    expect(info).toMatchObject({
      token: { model: "android" },
      card: null,
      authentication: { issued: true, certificate: null },
    });
    const { certificate } = await xidJson<{ certificate: { pem: string } }>("card", "read", ...phone);
    expect(new X509Certificate(certificate.pem).subject).toContain("CN=");
    expect((await xid(["card", "read", "--attributes", ...phone])).stderr).toMatch(/^NOT_A_MY_NUMBER_CARD: /);
  });

  it("changes a PIN, and changes nothing when the new one cannot be one", async () => {
    const old = person.pins.text;
    const change = (which: string, ...lines: string[]) =>
      onReader(["card", "pin", which], lines.map((line) => `${line}\n`).join(""));
    expect((await change("text", old, "12345")).stderr).toMatch(/^PIN_FORMAT: /);
    expect(await change("text", old, "2580")).toMatchObject({ status: 0, stdout: "the PIN was changed\n" });
    expect((await change("text", old, old)).stderr).toMatch(/^PIN_WRONG: /);
    expect(await change("text", "2580", old)).toMatchObject({ status: 0 });
    expect(await change("resident-register", old, "2580")).toMatchObject({ status: 0 });
    expect((await change("signature", person.pins.signature, "ABCDEF")).stderr).toMatch(/^PIN_FORMAT: /);
  });

  it.skipIf(!existsSync("/usr/bin/script"))("asks for a PIN at a terminal, and does not show it", async () => {
    const line = [process.execPath, launcher, "card", "read", "--attributes"].join(" ");
    const environment = { ...process.env, ...pcscd.environment, LC_ALL: "C" };
    const terminal = execFile("script", ["-qec", line, "/dev/null"], { env: environment });
    let shown = "";
    let typed = false;
    for await (const chunk of terminal.stdout!) {
      shown += chunk;
      if (typed || !shown.includes("tries left]: ")) continue;
      typed = true;
      // A slip and its correction, then the PIN.
      terminal.stdin!.end(`9\u007f${person.pins.text}\r`);
    }
    expect(shown).toContain(person.name);
    expect(shown).not.toContain(person.pins.text);
  });

  it("says which readers there are when it cannot choose", async () => {
    expect(await onReader(["card", "info", "--reader", "ACR"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("0 xID 00 00, 1 xID 00 01"),
    });
    expect((await onReader(["card", "info", "--reader", "1"])).stderr).toMatch(/^CARD_ABSENT: /);
  });
});
