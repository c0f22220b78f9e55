import { CliError } from "./cli-error.ts";

/** Where the parts of one installation are. URLs have no trailing slash. */
export type Places = {
  portBase: number;
  startPage: string;
  platform: string;
  app: string;
  bank: string;
  sandbox: string;
  dataDirectory: string;
};

/** Distance of each part's port from the port base (docs: start page 4000, platform 4001 …). */
export const portOffsets = { startPage: 0, platform: 1, app: 2, bank: 3, sandbox: 6 } as const;

export type PlaceOptions = {
  platform?: string | undefined;
  sandbox?: string | undefined;
  app?: string | undefined;
  "port-base"?: string | undefined;
  data?: string | undefined;
};

const defaultPortBase = 4000;

/** Throws `CliError("USAGE")` naming the option that is wrong. `XID_DATA_DIR` is the only variable that counts. */
export function readPlaces(options: PlaceOptions, environment: Record<string, string | undefined>): Places {
  const portBase = readPortBase(options["port-base"]);
  const local = (offset: number) => `http://localhost:${portBase + offset}`;
  return {
    portBase,
    startPage: local(portOffsets.startPage),
    platform: readUrl("--platform", options.platform) ?? local(portOffsets.platform),
    app: readUrl("--app", options.app) ?? local(portOffsets.app),
    bank: local(portOffsets.bank),
    sandbox: readUrl("--sandbox", options.sandbox) ?? local(portOffsets.sandbox),
    dataDirectory: options.data ?? environment.XID_DATA_DIR ?? ".xid",
  };
}

function readPortBase(text: string | undefined): number {
  if (text === undefined) return defaultPortBase;
  const portBase = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  const highest = 65_535 - portOffsets.sandbox;
  if (portBase < 1 || portBase > highest) {
    throw new CliError("USAGE", `--port-base must be a number from 1 to ${highest}`);
  }
  return portBase;
}

function readUrl(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) {
    throw new CliError("USAGE", `${option} must be an http or https URL`);
  }
  return url.href.replace(/\/$/, "");
}
