import { execFile, execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../hex.ts";
import type { CardState } from "../virtual/card-state.ts";
import { triesLeft } from "../virtual/change-card.ts";
import { createCard } from "../virtual/create-card.ts";
import { testContents, testKeyPairs } from "../virtual/test-card.ts";
import { VirtualCard } from "../virtual/virtual-card.ts";
import { attachToVpcd } from "./attach.ts";

const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const programs = ["pcscd", "opensc-tool", "pkcs15-tool", "pkcs11-tool", "openssl", "unshare", "nsenter"];

/** Why OpenSC cannot be asked here; undefined when it can. */
function obstacle(): string | undefined {
  const installed = (program: string) =>
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((folder) => existsSync(join(folder, program)));
  const missing = programs.filter((program) => !installed(program));
  if (!existsSync(driver)) missing.push("vpcd");
  if (missing.length > 0) return `${missing.join(", ")} missing: apt-get install pcscd vsmartcard-vpcd opensc openssl`;
  if (process.getuid?.() !== 0) return "pcscd in its own mount namespace needs root";
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "ignore" });
  } catch {
    return "this container may not make mount namespaces";
  }
  return undefined;
}

const reason = obstacle();

describe.skipIf(reason !== undefined)(`OpenSC reads the software card${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let folder: string;
  let daemon: PcscDaemon;
  let leave: AbortController;
  let attached: Promise<void>;
  let state: CardState;
  let commands: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "xid-opensc-"));
    daemon = await startPcscDaemon(folder);
  });

  afterAll(async () => {
    await daemon?.stop();
    rmSync(folder, { recursive: true });
  });

  beforeEach(async () => {
    state = createCard(testContents());
    commands = [];
    const persist = (next: CardState) => {
      state = next;
    };
    const card = new VirtualCard(state, { persist });
    const { atr } = card;
    leave = new AbortController();
    attached = attachToVpcd(
      {
        atr,
        powerOn: () => card.powerOn(),
        powerOff: () => card.powerOff(),
        reset: () => card.reset(),
        transmit(command) {
          commands.push(toHex(command));
          return card.transmit(command);
        },
      },
      { port: daemon.port, signal: leave.signal },
    );
    await daemon.until(/^0 +Yes/m, "opensc-tool", "--list-readers");
  });

  afterEach(async () => {
    leave.abort();
    await attached;
    await daemon.until(/^0 +No/m, "opensc-tool", "--list-readers");
  });

  test("opensc-tool finds the jpki driver, after foreign applications that the card does not have", async () => {
    expect(await daemon.run("opensc-tool", "--atr")).toContain("3b:e0:00:ff:81:31:fe:45:14");
    expect(await daemon.run("opensc-tool", "--name")).toContain("jpki");
    expect(commands.some((command) => command.startsWith("00a404000b"))).toBe(true);
  });

  test("pkcs15-tool lists PINs, keys and certificates, and reads the certificates", async () => {
    const dump = await daemon.run("pkcs15-tool", "--dump");
    expect(dump.match(/^(PIN|Private RSA Key|X\.509 Certificate) /gm)?.length).toBeGreaterThanOrEqual(7);
    expect(dump).toContain("Tries left     : 3");
    expect(dump).toContain("Tries left     : 5");
    const { authentication, signature } = testKeyPairs();
    expect(pemContent(await daemon.run("pkcs15-tool", "--read-certificate", "01"))).toEqual(
      Buffer.from(authentication.certificate),
    );
    const verified = ["--verify-pin", "--auth-id", "02", "--pin", "ABC123"];
    expect(pemContent(await daemon.run("pkcs15-tool", "--read-certificate", "02", ...verified))).toEqual(
      Buffer.from(signature.certificate),
    );
  });

  test.each([
    ["authentication", "0", "1234", "01"],
    ["signature", "1", "ABC123", "02"],
  ] as const)("pkcs11-tool signs with the %s key, and openssl verifies it", async (name, slot, pin, id) => {
    const file = (extension: string) => join(folder, `statement.${extension}`);
    writeFileSync(file("txt"), "本人確認");
    const { publicKey } = new X509Certificate(testKeyPairs()[name].certificate);
    writeFileSync(file("pem"), publicKey.export({ format: "pem", type: "spki" }));
    const files = ["--input-file", file("txt"), "--output-file", file("sig")];
    const key = ["--mechanism", "SHA256-RSA-PKCS", "--id", id];
    await daemon.run("pkcs11-tool", "--slot-index", slot, "--login", "--pin", pin, "--sign", ...key, ...files);
    const arguments_ = ["dgst", "-sha256", "-verify", file("pem"), "-signature", file("sig"), file("txt")];
    expect((await execute("openssl", arguments_)).stdout).toContain("Verified OK");
  });

  test("a wrong PIN counts down to a locked one", async () => {
    const login = ["--slot-index", "0", "--login", "--pin"];
    const attempt = (pin: string) => daemon.run("pkcs11-tool", ...login, pin, "--list-objects");
    for (const remaining of [2, 1, 0]) {
      await expect(attempt("9999")).rejects.toThrow(/CKR_PIN/);
      expect(triesLeft(state, "authentication")).toBe(remaining);
    }
    // The card's 6984 has no CKR of its own in OpenSC.
    await expect(attempt("1234")).rejects.toThrow(/CKR_GENERAL_ERROR/);
    expect(commands.at(-1)).toBe("002000800431323334");
    expect(await daemon.run("pkcs11-tool", "--list-token-slots")).toContain("user PIN locked");
  }, 120_000);
});

const execute = promisify(execFile);

type PcscDaemon = {
  port: number;
  /** Output of a PC/SC program that sees this daemon. */
  run(program: string, ...arguments_: string[]): Promise<string>;
  /** Runs it again and again until its output matches. */
  until(expected: RegExp, program: string, ...arguments_: string[]): Promise<void>;
  stop(): Promise<void>;
};

/** A pcscd with nothing but vpcd, on its own port and its own /run/pcscd, so that it meets no other on this machine. */
async function startPcscDaemon(folder: string): Promise<PcscDaemon> {
  const port = await freePort();
  const hexPort = `0x${port.toString(16)}`;
  const configuration = join(folder, "reader.conf");
  const reader = ['FRIENDLYNAME "xID"', `DEVICENAME /dev/null:${hexPort}`, `LIBPATH ${driver}`, `CHANNELID ${hexPort}`];
  writeFileSync(configuration, `${reader.join("\n")}\n`);
  const script =
    'mkdir -p /run/pcscd && mount -t tmpfs tmpfs /run/pcscd && exec pcscd --foreground --auto-exit --config "$0"';
  // opensc-tool runs as installed and tries 29 foreign applications first; the other programs needn't all do so again.
  const onlyJpki = { ...process.env, OPENSC_CONF: join(folder, "opensc.conf") };
  writeFileSync(onlyJpki.OPENSC_CONF, "app default { card_drivers = jpki; }\n");
  const child = spawn("unshare", ["--mount", "sh", "-c", script, configuration], { stdio: "ignore" });
  const exited = once(child, "exit");
  const run = async (program: string, ...arguments_: string[]) => {
    const inside = ["--mount", "--target", String(child.pid), program, ...arguments_];
    const env = program === "opensc-tool" ? process.env : onlyJpki;
    const { stdout } = await execute("nsenter", inside, { encoding: "utf8", timeout: 20_000, env });
    return stdout;
  };
  const until = async (expected: RegExp, program: string, ...arguments_: string[]) => {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const output = await run(program, ...arguments_).catch((error: Error) => error.message);
      if (expected.test(output)) return;
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`pcscd: ${output}`);
    }
  };
  await until(/xID 00 00/, "opensc-tool", "--list-readers");
  return {
    port,
    run,
    until,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function pemContent(pem: string): Buffer {
  return Buffer.from(new X509Certificate(pem).raw);
}
