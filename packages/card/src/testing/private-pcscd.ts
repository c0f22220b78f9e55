import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const deadline = 10_000;
const attempts = 5;

/** Why no private pcscd can be started here, in words; undefined when it can. */
export function privatePcscdObstacle(): string | undefined {
  const installed = (program: string) =>
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((folder) => existsSync(join(folder, program)));
  const missing = ["pcscd", "unshare", "setpriv"].filter((program) => !installed(program));
  if (!existsSync(driver)) missing.push("vpcd");
  if (missing.length > 0) return `${missing.join(", ")} missing: apt-get install pcscd vsmartcard-vpcd`;
  try {
    execFileSync("unshare", [...namespaces(), "mount", "-t", "tmpfs", "tmpfs", "/run"], { stdio: "ignore" });
  } catch {
    return "no mount namespace can be made here";
  }
  return undefined;
}

export type PrivatePcscd = {
  /** TCP port of its one virtual reader, "xID 00 00", for `attachToVpcd`. */
  readonly port: number;
  /** With these variables a program speaks to it and not to the machine's own pcscd. */
  readonly environment: { PCSCLITE_CSOCK_NAME: string };
  stop(): Promise<void>;
};

/**
 * A pcscd of one's own, with nothing but a virtual reader: its own port, and its own /run in a mount namespace, so that
 * several run on one machine. It answers when this resolves, and tells of its reader a moment later. It ends with this
 * process, however that ends. vpcd listens on all of the machine's addresses.
 */
export async function startPrivatePcscd(): Promise<PrivatePcscd> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      // Somebody may have taken the port in between.
      if (attempt === attempts) throw error;
    }
  }
}

async function start(port: number): Promise<PrivatePcscd> {
  const hexPort = `0x${port.toString(16)}`;
  const folder = mkdtempSync(join(tmpdir(), "xid-pcscd-"));
  const configuration = join(folder, "reader.conf");
  const reader = ['FRIENDLYNAME "xID"', `DEVICENAME /dev/null:${hexPort}`, `LIBPATH ${driver}`, `CHANNELID ${hexPort}`];
  writeFileSync(configuration, `${reader.join("\n")}\n`);
  const script = 'mount -t tmpfs tmpfs /run && mkdir /run/pcscd && exec pcscd --foreground --config "$0"';
  const unshare = ["unshare", ...namespaces(), "sh", "-c", script, configuration];
  const child = spawn("setpriv", ["--pdeathsig", "TERM", ...unshare], { stdio: "ignore" });
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill();
    await exited;
    rmSync(folder, { recursive: true });
    rmSync(socketLink, { force: true });
  };
  try {
    const socket = `/proc/${child.pid}/root/run/pcscd/pcscd.comm`;
    const ready = async () => existsSync(socket) && isListening(port) && (await answers(socket));
    for (const end = Date.now() + deadline; !(await ready()); await wait(20)) {
      if (child.exitCode !== null || Date.now() > end) throw new Error("pcscd did not start, or not with its reader");
    }
    rmSync(socketLink, { force: true });
    symlinkSync(socket, socketLink);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, environment: { PCSCLITE_CSOCK_NAME: socketLink }, stop };
}

/** One for this process: the PC/SC library asks for the name of the socket once. */
const socketLink = join(tmpdir(), `xid-pcscd-${process.pid}.comm`);

function namespaces(): string[] {
  return process.getuid?.() === 0 ? ["--mount"] : ["--map-root-user", "--mount"];
}

async function answers(socket: string): Promise<boolean> {
  const connection = createConnection(socket);
  try {
    await once(connection, "connect");
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}

/** Whether vpcd waits for a card: asked of the system, because a connection would be a card. */
function isListening(port: number): boolean {
  const address = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  const listening = /^ *\d+: (\S+) \S+ 0A /;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .some((line) => `${listening.exec(line)?.[1]} `.endsWith(address));
}

/** Below the ports that outgoing connections are given; vpcd's second slot takes the next one. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + 2 * Math.floor(Math.random() * 6_000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port), "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
