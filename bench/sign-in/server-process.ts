import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A program of ours that serves HTTP on `port`; resolves when it answers `path`. */
export async function startServer(
  program: string,
  port: number,
  environment: Record<string, string>,
  path: string,
  nodeOptions: string[] = [],
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(program)], {
    env: { ...process.env, XID_PORT: String(port), ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  while (child.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${program} ended with code ${child.exitCode}`);
}

export async function stopServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exit;
}
