import { type Config, readConfig } from "./config.ts";
import { createLog } from "./http/log.ts";
import { startServer } from "./start.ts";

let config: Config;
try {
  config = readConfig(process.env);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

const log = createLog(config.logLevel);
if (config.profile === "sandbox") {
  log.warn(
    "SANDBOX: this server trusts SIMULATED My Number Cards and lets anyone register a client. Not for real people",
  );
}

try {
  const server = await startServer(config, log);
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      server.stop().then(
        () => process.exit(0),
        (error) => {
          log.error({ err: error }, "the server did not stop in order");
          process.exit(1);
        },
      );
    });
  }
  console.log(`listening ${config.issuer}`);
} catch (error) {
  console.error(`the server cannot start: ${(error as Error).message}`);
  process.exit(1);
}
