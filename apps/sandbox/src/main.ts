import { serve } from "@hono/node-server";
import { sandboxApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { logToOutput } from "./log.ts";
import { registerResident } from "./people/register.ts";
import { countResidents } from "./store/people.ts";
import { closeWorld, openWorld } from "./world.ts";

try {
  await start();
} catch (error) {
  exit(error);
}

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const world = await openWorld(config);
  if (countResidents(world.database) === 0) await registerResident(world, { persona: "default" });
  world.schedule.resume();
  const server = serve({ fetch: sandboxApp(world).fetch, hostname: config.host, port: config.port }, () => {
    process.stdout.write(`listening ${config.sandboxUrl}\n`);
  });
  server.on("error", exit);
  const stop = () => {
    server.close(() => {
      closeWorld(world);
      process.exit(0);
    });
    if ("closeAllConnections" in server) setTimeout(() => server.closeAllConnections(), 1000).unref();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);
}

function exit(error: unknown): never {
  logToOutput("error", error instanceof Error ? error.message : String(error));
  process.exit(1);
}
