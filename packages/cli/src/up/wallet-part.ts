import { CliError } from "../cli-error.ts";
import { type Places, portOffsets } from "../places.ts";
import { buildApp } from "./build-app.ts";
import type { Part, PartState, PartStatus } from "./part.ts";

/** The web build of the xID app: bundled when its sources have changed, served by this process. */
export class WalletPart implements Part {
  readonly name = "wallet";
  readonly url: string;
  readonly #places: Places;
  readonly #onChange: (status: PartStatus) => void;
  #state: PartState = "waiting";
  #detail = "";
  readonly #stopping = new AbortController();
  #close: (() => Promise<void>) | undefined;

  constructor(places: Places, onChange: (status: PartStatus) => void) {
    this.url = places.app;
    this.#places = places;
    this.#onChange = onChange;
  }

  status(): PartStatus {
    return { name: this.name, url: this.url, state: this.#state, detail: this.#detail };
  }

  async start(): Promise<void> {
    try {
      this.#change("starting");
      await buildApp((line) => this.#change("building", line), this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      this.#change("starting");
      const { startWalletServer } = await import("@xid/wallet/serve");
      const server = await startWalletServer({
        port: this.#places.portBase + portOffsets.app,
        platformUrl: this.#places.platform,
        sandboxUrl: this.#places.sandbox,
        appUrl: this.#places.app,
      });
      this.#close = () => server.close();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#change("failed", reason);
      throw new CliError("START_FAILED", `wallet: ${reason}`, { cause });
    }
    this.#change("ready");
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#close?.().catch(() => undefined);
    this.#change("stopped");
  }

  #change(state: PartState, detail = ""): void {
    this.#state = state;
    this.#detail = detail;
    this.#onChange(this.status());
  }
}
