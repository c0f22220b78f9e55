import { reportText, resultText, tryRelyingParty } from "@xid/sdk/testing";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

/** Milliseconds that the relying party has to come up once it has been told the issuer. */
const patience = 120_000;

const defaultPort = 4020;

export const testRelyingParty = defineCommand({
  positionals: [],
  options: {
    start: { type: "string", value: "URL", help: "what a visitor opens to sign in" },
    port: {
      type: "string",
      value: "N",
      help: `where the robot listens (${defaultPort}): its issuer is http://localhost:N`,
    },
    text: { type: "string", value: "TEXT", help: "what only the page of somebody who is signed in shows" },
    only: { type: "string", value: "IDS", help: "these attacks only, separated by commas" },
    algorithm: { type: "string", value: "ALG", help: "ES256 or RS256, with which the robot signs (ES256)" },
  },
  notes: [
    "A provider that lies: wrong nonce, swapped state, other issuers and keys, answers without end … Give the relying",
    "party the robot's issuer, start it, and see what it takes. The robot waits for it. Exit status 0: it refused all.",
  ],
  async run({ values, language, json, print }) {
    const { start, text, algorithm = "ES256" } = values;
    if (!start || !URL.canParse(start)) throw new CliError("USAGE", "--start URL is needed");
    if (algorithm !== "ES256" && algorithm !== "RS256") throw new CliError("USAGE", "--algorithm is ES256 or RS256");
    const port = values.port === undefined ? defaultPort : Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new CliError("USAGE", "--port is a port");
    const only = values.only?.split(",");
    const relyingParty = async (issuer: string) => {
      if (!json) print({ ja: `発行者（issuer）: ${issuer}`, en: `issuer: ${issuer}` }[language]);
      await untilAnswering(start);
      return { start, ...(text === undefined ? {} : { signedInText: text }) };
    };
    try {
      const report = await tryRelyingParty(relyingParty, {
        port,
        algorithm,
        ...(only ? { only } : {}),
        onResult: (result) => json || print(resultText(result, language)),
      });
      if (report.passed) return { json: report, text: reportText(report, language) };
      print(json ? JSON.stringify(report) : reportText(report, language));
      throw new CliError("CARELESS", "the relying party took what it should have refused");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
        throw new CliError("PORT_IN_USE", `port ${port} is taken: --port N`, { cause: error });
      }
      throw error;
    }
  },
});

/** Somebody may start it only now that its issuer answers. */
async function untilAnswering(url: string): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      const response = await fetch(url, { redirect: "manual" });
      await response.body?.cancel();
      return;
    } catch (cause) {
      if (Date.now() > end) throw new CliError("UNREACHABLE", `${url} does not answer`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}
