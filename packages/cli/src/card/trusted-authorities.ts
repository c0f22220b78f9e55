import { readFile } from "node:fs/promises";
import { type CardAuthority, parseCardAuthorities } from "@xid/card";
import { CliError } from "../cli-error.ts";
import type { CardCall } from "./with-card.ts";

type TrustCall = Pick<CardCall, "places"> & { values: { person?: string | undefined; trust?: string | undefined } };

/** Whose signatures on a card count: the keys in `--trust FILE`, for a sandbox resident the sandbox's own; else undefined. */
export async function trustedAuthorities({ values, places }: TrustCall): Promise<CardAuthority[] | undefined> {
  if (values.trust !== undefined) return parsed(await readFile(values.trust, "utf8").catch(unreadable), values.trust);
  if (values.person === undefined) return undefined;
  const url = `${places.sandbox}/reader/authorities`;
  const response = await fetch(url).catch((cause: unknown) => {
    throw new CliError("UNREACHABLE", `no sandbox at ${places.sandbox}; start it with "xid up"`, { cause });
  });
  return parsed(await response.text(), url);
}

function unreadable(cause: unknown): never {
  throw new CliError("USAGE", "cannot read the file of --trust", { cause });
}

function parsed(text: string, from: string): CardAuthority[] {
  try {
    return parseCardAuthorities(JSON.parse(text));
  } catch (cause) {
    throw new CliError("USAGE", `no keys of a card issuer in ${from}`, { cause });
  }
}
