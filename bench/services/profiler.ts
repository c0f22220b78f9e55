import { readdirSync, readFileSync } from "node:fs";
import { kill } from "node:process";

/** CPU time of a span, in milliseconds: on the main thread, in Node's cryptography there, and of the pool of threads. */
export type Profile = { main: number; cryptography: number; pool: number };

type Node = { id: number; callFrame: { functionName: string; url: string }; children?: number[] };
type CpuProfile = { nodes: Node[]; samples: number[]; timeDeltas: number[] };

/**
 * Looks into a running Node process by its inspector. What Node does synchronously in `node:crypto` is on the main thread;
 * WebCrypto, which `jose` works with, is in the pool of threads, where a server at rest does next to nothing else.
 */
export class Profiler {
  readonly #socket: WebSocket;
  readonly #pid: number;
  #last = 0;
  #poolBefore = 0;

  private constructor(socket: WebSocket, pid: number) {
    this.#socket = socket;
    this.#pid = pid;
  }

  /** `port` is the process's `--inspect-port`. */
  static async attach(pid: number, port: number): Promise<Profiler> {
    kill(pid, "SIGUSR1");
    for (let attempt = 0; attempt < 100; attempt++) {
      const targets = await fetch(`http://127.0.0.1:${port}/json/list`).then(
        (answer) => answer.json() as Promise<{ webSocketDebuggerUrl: string }[]>,
        () => undefined,
      );
      if (targets?.[0]) {
        const socket = new WebSocket(targets[0].webSocketDebuggerUrl);
        await new Promise((resolve, reject) => {
          socket.onopen = resolve;
          socket.onerror = reject;
        });
        const profiler = new Profiler(socket, pid);
        await profiler.#call("Profiler.enable");
        await profiler.#call("Profiler.setSamplingInterval", { interval: 250 });
        return profiler;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`process ${pid} has no inspector on port ${port}`);
  }

  async start(): Promise<void> {
    this.#poolBefore = poolTime(this.#pid);
    await this.#call("Profiler.start");
  }

  async stop(): Promise<Profile> {
    const { profile } = (await this.#call("Profiler.stop")) as { profile: CpuProfile };
    return { ...mainThread(profile), pool: poolTime(this.#pid) - this.#poolBefore };
  }

  close(): void {
    this.#socket.close();
  }

  #call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const listen = ({ data }: MessageEvent) => {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
        if (message.id !== id) return;
        this.#socket.removeEventListener("message", listen);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
      };
      this.#socket.addEventListener("message", listen);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

function mainThread({ nodes, samples, timeDeltas }: CpuProfile): Omit<Profile, "pool"> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inCryptography = new Set<number>();
  const walk = (node: Node, inside: boolean) => {
    const within = inside || node.callFrame.url.startsWith("node:internal/crypto");
    if (within) inCryptography.add(node.id);
    for (const child of node.children ?? []) walk(byId.get(child)!, within);
  };
  walk(nodes[0]!, false);
  let [main, cryptography] = [0, 0];
  for (const [at, id] of samples.entries()) {
    if (byId.get(id)!.callFrame.functionName === "(idle)") continue;
    const milliseconds = timeDeltas[at]! / 1000;
    main += milliseconds;
    if (inCryptography.has(id)) cryptography += milliseconds;
  }
  return { main, cryptography };
}

/** CPU time of the threads that libuv runs work on, in milliseconds (proc(5): fields 14 and 15, in hundredths). */
function poolTime(pid: number): number {
  let ticks = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    if (!stat.includes("(libuv-worker)")) continue;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}
