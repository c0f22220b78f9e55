import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const keptLines = 5;

/**
 * Bundles the xID app in a process of its own, so that the start page answers meanwhile; quick when nothing has changed.
 * `onProgress` is told each line. Throws with the last lines when it fails; on `signal` it ends with all its children.
 */
export async function buildApp(onProgress: (line: string) => void, signal: AbortSignal): Promise<void> {
  const builder = spawn(process.execPath, [fileURLToPath(import.meta.resolve("@xid/wallet/build"))], {
    // A group of its own, which can be ended as one.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = () => builder.pid !== undefined && endGroup(builder.pid);
  signal.addEventListener("abort", end, { once: true });
  const lines: string[] = [];
  createInterface({ input: builder.stdout }).on("line", onProgress);
  createInterface({ input: builder.stderr }).on("line", (line) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      builder.once("error", reject);
      builder.once("close", resolve);
    });
    if (code !== 0 && !signal.aborted) throw new Error(`the xID app could not be bundled: ${lines.join(" ").trim()}`);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGTERM");
  } catch {
    // It has ended by itself.
  }
}
