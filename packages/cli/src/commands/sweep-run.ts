import { resolve } from "node:path";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

export const sweepRun = defineCommand({
  positionals: [],
  options: {},
  notes: [
    "For the operator, with the server's environment (XID_PROFILE, XID_ISSUER, DATABASE_URL, XID_DATA_DIR …; without a profile",
    "that of `xid up`). What servers do by themselves at XID_SWEEP_HOUR: docs/operate.md.",
  ],
  async run({ places }) {
    const { sweepInstallation } = await import("@xid/server/sweep");
    const environment =
      process.env.XID_PROFILE === undefined
        ? {
            ...process.env,
            XID_PROFILE: "sandbox",
            XID_ISSUER: places.platform,
            XID_APP_URL: places.app,
            XID_SANDBOX_URL: places.sandbox,
            XID_DATA_DIR: resolve(places.dataDirectory),
          }
        : process.env;
    const report = await sweepInstallation(environment);
    if (report === "busy") {
      throw new CliError(
        "SWEEP_BUSY",
        "ほかのプロセスが確認中です / another process is sweeping; it goes on by itself",
      );
    }
    const { asked, changed, versions, calls, resumed } = report;
    return {
      json: report,
      text: [
        `${asked}人について確認しました / asked about ${asked} people, in ${calls} calls${resumed ? " (resumed)" : ""}`,
        `  ${changed}人に変更の可能性 / ${changed} may have changed; ${versions}人の新しい情報 / new attributes of ${versions}`,
      ].join("\n"),
    };
  },
});
