import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CliError } from "../cli-error.ts";
import { LogFile } from "./log-file.ts";
import type { Part, PartName, PartState, PartStatus } from "./part.ts";

export type ChildPartOptions = {
  name: PartName;
  url: string;
  /** The program, a `file:` URL. */
  program: string;
  /** Added to our own environment. */
  environment: Record<string, string>;
  logFile: string;
  /** Called after every change of `status()`. */
  onChange: (status: PartStatus) => void;
};

/** How long a part may take until it serves: the first start of the database is in it. */
const startPatience = 120_000;
const stopPatience = 10_000;
const healthInterval = 50;
/** More deaths than this within the window, and it stays down. */
const restartLimit = 5;
const restartWindow = 60_000;
const firstBackOff = 250;

/** One of our programs as a child process: watched, restarted with back-off when it dies, ended with us. */
export class ChildPart implements Part {
  readonly name: PartName;
  readonly url: string;
  readonly #options: ChildPartOptions;
  readonly #log: LogFile;
  #state: PartState = "waiting";
  #detail = "";
  #child: ChildProcess | undefined;
  #stopping = false;
  #deaths: number[] = [];

  constructor(options: ChildPartOptions) {
    this.name = options.name;
    this.url = options.url;
    this.#options = options;
    this.#log = new LogFile(options.logFile);
  }

  status(): PartStatus {
    return { name: this.name, url: this.url, state: this.#state, detail: this.#detail };
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    this.#change("starting");
    const child = this.#spawn();
    const failure = await this.#healthy(child);
    if (failure === undefined) return this.#watch(child);
    if (this.#stopping) return;
    this.#change("failed", failure);
    throw new CliError("START_FAILED", `${this.name}: ${failure} (${this.#log.path})`);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child && isRunning(child)) {
      const exit = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), stopPatience);
      await exit;
      clearTimeout(killer);
    }
    this.#change("stopped");
  }

  #spawn(): ChildProcess {
    this.#log.begin();
    const preload = new URL("./leave-with-parent.ts", import.meta.url).href;
    const child = spawn(process.execPath, ["--import", preload, fileURLToPath(this.#options.program)], {
      env: { ...process.env, ...this.#options.environment },
      // A group of its own: Ctrl+C in the terminal is for us, and we stop the parts in order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child.stdout?.on("data", (chunk: Buffer) => this.#log.write(chunk));
    child.stderr?.on("data", (chunk: Buffer) => this.#log.write(chunk));
    child.on("error", (error) => this.#log.write(Buffer.from(`${error.message}\n`)));
    this.#child = child;
    return child;
  }

  /** Undefined when it serves, else why it does not. */
  async #healthy(child: ChildProcess): Promise<string | undefined> {
    const closed = new Promise((resolve) => child.once("close", resolve));
    const deadline = Date.now() + startPatience;
    while (isRunning(child) && child.pid !== undefined) {
      if (this.#stopping) return "stopped";
      if (await answersHealth(this.url)) return undefined;
      if (Date.now() > deadline) return `does not serve after ${startPatience / 1000} s`;
      await delay(healthInterval);
    }
    await closed;
    return this.#obituary(child);
  }

  #obituary(child: ChildProcess): string {
    const how = child.signalCode ? `killed by ${child.signalCode}` : `ended with code ${child.exitCode}`;
    const lastWord = this.#log.lastWord();
    return lastWord ? `${how}: ${lastWord}` : how;
  }

  async #restart(): Promise<void> {
    while (!this.#stopping && this.#child) {
      const why = this.#obituary(this.#child);
      const now = Date.now();
      this.#deaths = [...this.#deaths.filter((time) => time > now - restartWindow), now];
      if (this.#deaths.length > restartLimit)
        return this.#change("failed", `${why}; it stays down (${this.#log.path})`);
      this.#change("restarting", why);
      await delay(firstBackOff * 2 ** (this.#deaths.length - 1));
      if (this.#stopping) return;
      const child = this.#spawn();
      if ((await this.#healthy(child)) === undefined) return this.#watch(child);
      if (isRunning(child)) child.kill("SIGKILL");
    }
  }

  #watch(child: ChildProcess): void {
    this.#change("ready");
    if (isRunning(child)) child.once("exit", () => this.#restart());
    else void this.#restart();
  }

  #change(state: PartState, detail = ""): void {
    this.#state = state;
    this.#detail = detail;
    this.#options.onChange(this.status());
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function answersHealth(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
