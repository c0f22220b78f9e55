import { createServer } from "node:net";
import { CliError } from "../cli-error.ts";

/** Throws `PORT_IN_USE` naming the first port that somebody listens on, and what to do. */
export async function checkPorts(ports: number[]): Promise<void> {
  for (const port of ports) {
    for (const host of ["127.0.0.1", "::1"]) {
      if (await isFree(port, host)) continue;
      throw new CliError(
        "PORT_IN_USE",
        `ポート${port}は使われています / port ${port} is in use. Is xID running already? ` +
          `Stop what uses it, or move all ports: xid up --port-base 5000`,
        { details: { port } },
      );
    }
  }
}

/** A host that this machine does not have (no IPv6) counts as free. */
function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    probe.listen({ port, host }, () => probe.close(() => resolve(true)));
  });
}
