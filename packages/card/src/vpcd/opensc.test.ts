import { execFile } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../hex.ts";
import { type PrivatePcscd, privatePcscdObstacle, startPrivatePcscd } from "../testing/private-pcscd.ts";
import { replaceableCard } from "../testing/replaceable-card.ts";
import type { PoweredCard } from "../transport.ts";
import type { CardState } from "../virtual/card-state.ts";
import { triesLeft } from "../virtual/change-card.ts";
import { createCard } from "../virtual/create-card.ts";
import { testContents, testKeyPairs } from "../virtual/test-card.ts";
import { VirtualCard } from "../virtual/virtual-card.ts";
import { attachToVpcd } from "./attach.ts";

const programs = ["opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl", "ssh-keygen"];
const pkcs11Module = ["x86_64-linux-gnu/", "aarch64-linux-gnu/", ""]
  .map((folder) => `/usr/lib/${folder}opensc-pkcs11.so`)
  .find(existsSync);

/** Why OpenSC cannot be asked here; undefined when it can. */
function obstacle(): string | undefined {
  const missing = programs.filter((program) => !existsSync(`/usr/bin/${program}`));
  if (!pkcs11Module) missing.push("opensc-pkcs11");
  if (missing.length > 0) return `${missing.join(", ")} missing: apt-get install opensc openssl openssh-client`;
  return privatePcscdObstacle();
}

const reason = obstacle();

describe.skipIf(reason !== undefined)(`OpenSC reads the software card${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let folder: string;
  let pcscd: PrivatePcscd;
  const leave = new AbortController();
  let attached: Promise<void>;
  let card: PoweredCard;
  let state: CardState;
  let commands: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "xid-opensc-"));
    writeFileSync(join(folder, "opensc.conf"), "app default { card_drivers = jpki; }\n");
    pcscd = await startPrivatePcscd();
    insertFreshCard();
    attached = attachToVpcd(
      replaceableCard(() => card),
      { port: pcscd.port, signal: leave.signal },
    );
    await until(/^0 +Yes/m);
  });

  afterAll(async () => {
    leave.abort();
    await attached;
    await pcscd?.stop();
    rmSync(folder, { recursive: true });
  });

  beforeEach(insertFreshCard);

  function insertFreshCard(): void {
    state = createCard(testContents());
    commands = [];
    const fresh = new VirtualCard(state, {
      persist: (next) => {
        state = next;
      },
    });
    fresh.powerOn();
    card = {
      ...replaceableCard(() => fresh),
      transmit(command) {
        commands.push(toHex(command));
        return fresh.transmit(command);
      },
    };
  }

  /** Output of a PC/SC program. opensc-tool runs as installed and tries 29 foreign applications first; the others needn't. */
  async function run(program: string, ...arguments_: string[]): Promise<string> {
    const onlyJpki = program === "opensc-tool" ? {} : { OPENSC_CONF: join(folder, "opensc.conf") };
    const env = { ...process.env, ...pcscd.environment, ...onlyJpki };
    return (await execute(program, arguments_, { encoding: "utf8", timeout: 20_000, env })).stdout;
  }

  /** pcscd takes a third of a second to see a card come or go. */
  async function until(expected: RegExp): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (let output = ""; !expected.test(output); output = await run("opensc-tool", "--list-readers")) {
      if (Date.now() > deadline) throw new Error(`opensc-tool: ${output}`);
    }
  }

  test("opensc-tool finds the jpki driver, after foreign applications that the card does not have", async () => {
    expect(await run("opensc-tool", "--atr")).toContain("3b:e0:00:ff:81:31:fe:45:14");
    expect(await run("opensc-tool", "--name")).toContain("jpki");
    expect(commands.some((command) => command.startsWith("00a404000b"))).toBe(true);
  });

  test("pkcs15-tool lists PINs, keys and certificates, and reads the certificates", async () => {
    const dump = await run("pkcs15-tool", "--dump");
    expect(dump.match(/^(PIN|Private RSA Key|X\.509 Certificate) /gm)?.length).toBeGreaterThanOrEqual(7);
    expect(dump).toContain("Tries left     : 3");
    expect(dump).toContain("Tries left     : 5");
  });

  const withPassword = ["--verify-pin", "--auth-id", "02", "--pin", "ABC123"];
  test.each([
    ["the authentication certificate", "01", [], () => testContents().authentication!.certificate],
    ["the signature certificate, with its password,", "02", withPassword, () => testContents().signature!.certificate],
    ["the authentication CA's certificate", "03", [], () => testContents().certificateAuthorities.authentication],
    ["the signature CA's certificate", "04", [], () => testContents().certificateAuthorities.signature],
  ])("pkcs15-tool reads %s", async (_, id, options, certificate) => {
    const pem = await run("pkcs15-tool", "--read-certificate", id, ...options);
    expect(pemContent(pem)).toEqual(Buffer.from(certificate()));
  });

  test("pkcs15-tool does not get the signature certificate without its password", async () => {
    await expect(run("pkcs15-tool", "--read-certificate", "02")).rejects.toThrow(/Certificate read failed/);
  });

  const keys = [
    ["authentication", "0", "1234", "01"],
    ["signature", "1", "ABC123", "02"],
  ] as const;
  const mechanisms = [
    ["SHA256-RSA-PKCS", (message: Buffer) => message, ["dgst", "-sha256", "-verify"]],
    ["SHA512-RSA-PKCS", (message: Buffer) => message, ["dgst", "-sha512", "-verify"]],
    ["RSA-PKCS", (message: Buffer) => createHash("sha256").update(message).digest(), undefined],
  ] as const;
  const both = keys.flatMap((key) => mechanisms.map((mechanism) => [...key, ...mechanism] as const));
  test.each(both)(
    "pkcs11-tool signs with the %s key (slot %s, PIN %s, id %s) by %s, and openssl verifies it",
    async (...row) => {
      const [name, slot, pin, id, mechanism, prepare, verification] = row;
      const file = (extension: string) => join(folder, `statement.${extension}`);
      const input = prepare(Buffer.from("本人確認"));
      writeFileSync(file("bin"), input);
      const { publicKey } = new X509Certificate(testKeyPairs()[name].certificate);
      writeFileSync(file("pem"), publicKey.export({ format: "pem", type: "spki" }));
      const login = ["--slot-index", slot, "--login", "--pin", pin];
      const files = ["--input-file", file("bin"), "--output-file", file("sig")];
      await run("pkcs11-tool", ...login, "--sign", "--mechanism", mechanism, "--id", id, ...files);
      if (verification) {
        const { stdout } = await execute("openssl", [
          ...verification,
          file("pem"),
          "-signature",
          file("sig"),
          file("bin"),
        ]);
        expect(stdout).toContain("Verified OK");
      } else {
        // Without a DigestInfo around it: the card signs whatever it is given.
        const recover = ["pkeyutl", "-verifyrecover", "-pubin", "-inkey", file("pem"), "-in", file("sig")];
        const { stdout } = await execute("openssl", [...recover, "-pkeyopt", "rsa_padding_mode:pkcs1"], {
          encoding: "buffer",
        });
        expect(stdout).toEqual(input);
      }
    },
  );

  test("ssh-keygen lists both keys", async () => {
    const lines = (await run("ssh-keygen", "-D", pkcs11Module as string)).trim().split("\n");
    expect(lines.filter((line) => line.startsWith("ssh-rsa "))).toHaveLength(2);
  });

  test("a wrong PIN counts down to a locked one", async () => {
    const login = ["--slot-index", "0", "--login", "--pin"];
    const attempt = (pin: string) => run("pkcs11-tool", ...login, pin, "--list-objects");
    for (const remaining of [2, 1, 0]) {
      await expect(attempt("9999")).rejects.toThrow(/CKR_PIN/);
      expect(triesLeft(state, "authentication")).toBe(remaining);
    }
    // The card's 6984 has no CKR of its own in OpenSC.
    await expect(attempt("1234")).rejects.toThrow(/CKR_GENERAL_ERROR/);
    expect(commands.at(-1)).toBe("002000800431323334");
    expect(await run("pkcs11-tool", "--list-token-slots")).toContain("user PIN locked");
  }, 120_000);
});

const execute = promisify(execFile);

function pemContent(pem: string): Buffer {
  return Buffer.from(new X509Certificate(pem).raw);
}
