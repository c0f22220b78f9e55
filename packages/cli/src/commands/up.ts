import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { portOffsets } from "../places.ts";
import { untilInterrupted } from "../until-interrupted.ts";
import { parseOnly } from "../up/parse-only.ts";
import { runInstallation } from "../up/run-installation.ts";

export const up = defineCommand({
  positionals: [],
  options: {
    only: { type: "string", value: "PARTS", help: "some of: start, op, api, sandbox, wallet, bank (comma-separated)" },
  },
  notes: [
    "Runs until Ctrl+C. Without --only everything starts: start page, sandbox, platform, xID app, demo bank.",
    "With --json one line is printed when everything serves. Logs are in <data>/logs.",
  ],
  async run({ values, places, json, print }) {
    const local = `http://localhost:${places.portBase + portOffsets.platform}`;
    if (places.platform !== local) throw new CliError("USAGE", "--platform is for the other verbs; use --port-base");
    const interruption = untilInterrupted();
    try {
      await runInstallation({ only: parseOnly(values.only), places, json, print, signal: interruption.signal });
    } finally {
      interruption.stop();
    }
    return undefined;
  },
});
