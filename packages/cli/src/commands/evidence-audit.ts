import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readTrustDirectory } from "@xid/sdk/evidence";
import type { AuditSummary, Finding } from "@xid/server/audit";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

export const evidenceAudit = defineCommand({
  positionals: [],
  options: {
    trust: {
      type: "string",
      value: "DIR",
      help: "the log's key, witnesses and time-stamping authorities from elsewhere",
    },
    checkpoint: {
      type: "string",
      value: "FILE",
      multiple: true,
      help: "a checkpoint of the log that was kept elsewhere",
    },
  },
  notes: [
    "For the operator, with the server's environment (XID_PROFILE, XID_ISSUER, DATABASE_URL, XID_DATA_DIR …; without a profile",
    "that of `xid up`). Goes over records, queue, log and what others vouched for, beside the running server, and writes nothing.",
    "A line for each finding; the exit status is 1 when there is one. What each means: docs/life-of-evidence.md.",
    "Without --checkpoint, ISSUER/log/checkpoint kept elsewhere, and --trust it believes what the installation says of itself.",
  ],
  async run({ values, places, json, print }) {
    const { auditInstallation } = await import("@xid/server/audit");
    const trust = values.trust === undefined ? undefined : await readTrustDirectory(values.trust);
    const checkpoints = await Promise.all((values.checkpoint ?? []).map(readCheckpoint));
    const environment =
      process.env.XID_PROFILE === undefined
        ? {
            ...process.env,
            XID_PROFILE: "sandbox",
            XID_ISSUER: places.platform,
            XID_DATA_DIR: resolve(places.dataDirectory),
          }
        : process.env;
    const { log, witnesses, timestampAnchors } = trust ?? {};
    const running = auditInstallation(environment, {
      checkpoints,
      ...(log && { log }),
      ...(witnesses && { witnesses }),
      ...(timestampAnchors && { timestampAnchors }),
    });
    let findings = 0;
    for (;;) {
      const { done, value } = await running.next();
      if (done) return report(value, findings);
      findings++;
      print(json ? JSON.stringify(value) : line(value));
    }
  },
});

function report(summary: AuditSummary, findings: number) {
  const { size, records, waiting, erased, checkpoints, stamps, lists } = summary;
  const seen = `${records} records, ${waiting} waiting, ${erased} erased, a log of ${size ?? 0}, ${checkpoints} checkpoints, ${stamps} time stamps, ${lists} revocation lists`;
  if (findings > 0) {
    throw new CliError("EVIDENCE_DAMAGED", `証跡に問題があります / ${findings} findings in ${seen}`, {
      details: { findings, ...summary },
    });
  }
  return { json: { findings, ...summary }, text: `問題はありません / nothing found: ${seen}` };
}

function line({ code, table, key, detail }: Finding): string {
  const where = Object.entries(key).map(([name, value]) => `${name}=${value}`);
  return [code.padEnd(20), table, ...where, ...(detail ? [`(${detail})`] : [])].join("  ");
}

function readCheckpoint(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause) => {
    throw new CliError("USAGE", `${file} cannot be read`, { cause });
  });
}
