import { once } from "node:events";
import { type Places, portOffsets } from "../places.ts";
import { SandboxClient } from "../sandbox-client.ts";
import { startStartPage } from "../start-page/server.ts";
import type { Status } from "../start-page/status.ts";
import { checkPorts } from "./check-ports.ts";
import { makeParts } from "./make-parts.ts";
import type { Selection } from "./parse-only.ts";
import type { Part, PartName, PartStatus } from "./part.ts";

export type InstallationOptions = {
  only: Selection;
  places: Places;
  json: boolean;
  print(line: string): void;
  /** Ends it. */
  signal: AbortSignal;
};

const offsets: Record<PartName, number> = {
  sandbox: portOffsets.sandbox,
  server: portOffsets.platform,
  wallet: portOffsets.app,
  bank: portOffsets.bank,
};
const residentsShown = 8;

/**
 * Starts what was selected, says where to go, and stays until the signal. Everything is stopped when this returns or
 * throws: `PORT_IN_USE` before anything is started, `START_FAILED` when a part does not come up the first time.
 */
export async function runInstallation(options: InstallationOptions): Promise<void> {
  const { only, places, json, print, signal } = options;
  const ports = [...(only.startPage ? [portOffsets.startPage] : []), ...only.parts.map((name) => offsets[name])];
  await checkPorts(ports.map((offset) => places.portBase + offset));
  const began = Date.now();
  const parts = makeParts(only.parts, places, (status) => {
    if (!json && !signal.aborted) report(status, began, print);
  });
  const startPage = only.startPage
    ? await startStartPage({
        port: places.portBase + portOffsets.startPage,
        places,
        status: () => readStatus(parts, places),
      })
    : undefined;
  try {
    if (startPage && !json) print(`xIDを起動しています。進み具合 / xID is starting, progress at ${places.startPage}`);
    const interrupted = signal.aborted ? Promise.resolve() : once(signal, "abort");
    const ready = Promise.all(parts.map((part) => part.start()));
    await Promise.race([ready, interrupted]);
    if (!signal.aborted) {
      announce(options, parts);
      await interrupted;
    }
    if (!json) print("止めています / stopping");
  } finally {
    await Promise.all(parts.map((part) => part.stop()));
    await startPage?.close();
  }
}

async function readStatus(parts: Part[], places: Places): Promise<Status> {
  const statuses = parts.map((part) => part.status());
  const sandboxServes = statuses.some(({ name, state }) => name === "sandbox" && state === "ready");
  const people = sandboxServes ? await new SandboxClient(places.sandbox).people().catch(() => []) : [];
  // The tour is written for somebody with whom everything works; then the newest, which come first.
  const guide = people.findLast(({ persona }) => persona === "default");
  const shown = guide ? [guide, ...people.filter((person) => person !== guide)] : people;
  return {
    ready: statuses.every(({ state }) => state === "ready"),
    parts: statuses,
    residents: shown.slice(0, residentsShown).map(({ id, persona, name, pins }) => ({ id, persona, name, pins })),
    residentCount: people.length,
  };
}

function report({ name, state, detail, url }: PartStatus, began: number, print: (line: string) => void): void {
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6);
  if (state === "ready") print(`${seconds} s  ${name.padEnd(8)} ready  ${url}`);
  else if (state !== "starting" && state !== "waiting") print(`${seconds} s  ${name.padEnd(8)} ${state}  ${detail}`);
}

function announce({ only, places, json, print }: InstallationOptions, parts: Part[]): void {
  const urls = Object.fromEntries(parts.map(({ name, url }) => [name, url]));
  const startPage = only.startPage ? { start: places.startPage } : {};
  if (json) {
    print(JSON.stringify({ ready: true, urls: { ...startPage, ...urls } }));
    return;
  }
  print("");
  print("xIDが動いています / xID is running");
  if (only.startPage) print(`  ここから始める start here        ${places.startPage}`);
  const labels: Record<PartName, string> = {
    bank: "デモ銀行 demo bank               ",
    wallet: "xIDアプリ xID app                ",
    sandbox: "市役所 city office               ",
    server: "issuer                           ",
  };
  for (const { name, url } of parts) print(`  ${labels[name]}${url}`);
  print("  止める stop: Ctrl+C");
}
