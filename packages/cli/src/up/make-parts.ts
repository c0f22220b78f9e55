import { join, resolve } from "node:path";
import { type Places, portOffsets } from "../places.ts";
import { ChildPart } from "./child-part.ts";
import type { Part, PartName, PartStatus } from "./part.ts";
import { WalletPart } from "./wallet-part.ts";

/** The parts with their addresses and environments; nothing has been started when this returns. */
export function makeParts(names: readonly PartName[], places: Places, onChange: (status: PartStatus) => void): Part[] {
  const dataDirectory = resolve(places.dataDirectory);
  const port = (offset: number) => String(places.portBase + offset);
  const programs: Record<
    Exclude<PartName, "wallet">,
    { url: string; program: string; environment: Record<string, string> }
  > = {
    sandbox: {
      url: places.sandbox,
      program: "@xid/sandbox/main",
      environment: { XID_PORT: port(portOffsets.sandbox), XID_SANDBOX_URL: places.sandbox, XID_APP_URL: places.app },
    },
    server: {
      url: places.platform,
      program: "@xid/server/main",
      environment: {
        XID_PROFILE: "sandbox",
        XID_PORT: port(portOffsets.platform),
        XID_ISSUER: places.platform,
        XID_APP_URL: places.app,
        XID_SANDBOX_URL: places.sandbox,
      },
    },
    bank: {
      url: places.bank,
      program: "@xid/bank/main",
      environment: { XID_PORT: port(portOffsets.bank), XID_BANK_URL: places.bank, XID_ISSUER: places.platform },
    },
  };
  return names.map((name) => {
    if (name === "wallet") return new WalletPart(places, onChange);
    const { url, program, environment } = programs[name];
    return new ChildPart({
      name,
      url,
      program: import.meta.resolve(program),
      // What Node compiled, types stripped, is kept: the next start takes half the time.
      environment: {
        ...environment,
        XID_DATA_DIR: dataDirectory,
        NODE_COMPILE_CACHE: join(dataDirectory, "compile-cache"),
      },
      logFile: join(dataDirectory, "logs", `${name}.log`),
      onChange,
    });
  });
}
