import { defineCommand } from "../command.ts";
import { checkFaultKind } from "../fault-kinds.ts";
import { findVerifier } from "../find-verifier.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const faultClear = defineCommand({
  positionals: [],
  options: {
    kind: { type: "string", value: "KIND", help: "only faults of this kind" },
    verifier: { type: "string", value: "ID", help: "only this verifier's: id or name" },
    person: { type: "string", value: "ID", help: "only those of this resident's card" },
    everyone: { type: "boolean", help: "only those that are nobody's own" },
  },
  notes: ["Without options, all of them."],
  async run({ values: { kind, verifier, person, everyone }, places }) {
    if (kind !== undefined) checkFaultKind(kind);
    const sandbox = new SandboxClient(places.sandbox);
    const cleared = await sandbox.clearFaults({
      ...(kind === undefined ? {} : { kind }),
      ...(verifier === undefined ? {} : { verifier: await findVerifier(sandbox, verifier) }),
      ...(person === undefined ? {} : { person }),
      ...(everyone ? { everyone: "true" } : {}),
    });
    return { json: cleared, text: `${cleared.cleared}件を直しました / cleared: ${cleared.cleared}` };
  },
});
