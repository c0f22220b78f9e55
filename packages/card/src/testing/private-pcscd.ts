import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so";
const deadline = 20_000;

/** Why no private pcscd can be started here, in words; undefined when it can. */
export function privatePcscdObstacle(): string | undefined {
  const installed = (program: string) =>
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((folder) => existsSync(join(folder, program)));
  const missing = ["pcscd", "unshare"].filter((program) => !installed(program));
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
 * several run on one machine. It answers when this resolves, and has its reader a moment later. vpcd listens on all of
 * the machine's addresses.
 */
export async function startPrivatePcscd(): Promise<PrivatePcscd> {
  const port = await freePort();
  const hexPort = `0x${port.toString(16)}`;
  const folder = mkdtempSync(join(tmpdir(), "xid-pcscd-"));
  const configuration = join(folder, "reader.conf");
  const reader = ['FRIENDLYNAME "xID"', `DEVICENAME /dev/null:${hexPort}`, `LIBPATH ${driver}`, `CHANNELID ${hexPort}`];
  writeFileSync(configuration, `${reader.join("\n")}\n`);
  const script = 'mount -t tmpfs tmpfs /run && mkdir /run/pcscd && exec pcscd --foreground --config "$0"';
  const child = spawn("unshare", [...namespaces(), "sh", "-c", script, configuration], { stdio: "ignore" });
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill();
    await exited;
    rmSync(folder, { recursive: true });
    rmSync(socketLink, { force: true });
  };
  try {
    const socket = `/proc/${child.pid}/root/run/pcscd/pcscd.comm`;
    for (const end = Date.now() + deadline; !(existsSync(socket) && (await answers(socket))); await wait(20)) {
      if (child.exitCode !== null || Date.now() > end) throw new Error("pcscd did not start");
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
