import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { freePortBase } from "../test-xid.ts";
import { checkPorts } from "./check-ports.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe("checking ports", () => {
  it("lets free ports pass", async () => {
    const base = await freePortBase();
    await checkPorts([base, base + 1]);
  });

  it.each(["127.0.0.1", undefined])("names the port that somebody listens on (%s)", async (host) => {
    const base = await freePortBase();
    const server = createServer().listen(base + 1, host);
    servers.push(server);
    await once(server, "listening");
    await expect(checkPorts([base, base + 1])).rejects.toMatchObject({
      code: "PORT_IN_USE",
      message: expect.stringContaining(`port ${base + 1} is in use`),
      details: { port: base + 1 },
    });
  });
});
