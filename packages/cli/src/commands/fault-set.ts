import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { checkFaultKind, faultKinds, faultText } from "../fault-kinds.ts";
import { findVerifier } from "../find-verifier.ts";
import { SandboxClient } from "../sandbox-client.ts";

export const faultSet = defineCommand({
  positionals: ["KIND"],
  options: {
    verifier: { type: "string", value: "ID", help: "only for this verifier: id or name (xid fault verifiers)" },
    person: { type: "string", value: "ID", help: "card-torn: only this resident's card" },
    seconds: { type: "string", value: "N", help: "jlis-slow, jlis-late, clock-skew: how long" },
    apdu: { type: "string", value: "N", help: "card-torn: at the n-th command of a session" },
    "carried-out": { type: "boolean", help: "card-torn: only the answer to that command is lost" },
    count: { type: "string", value: "N", help: "only the next N times" },
    expires: { type: "string", value: "SECONDS", help: "only for so long" },
  },
  notes: [
    ...Object.entries(faultKinds).map(([kind, { summary }]) => `  ${kind.padEnd(21)} ${summary}`),
    "",
    "Without --verifier or --person it happens to everyone. The same kind for the same one again replaces the first.",
    "xid fault set jlis-down --verifier xID --count 3",
    "xid fault set clock-skew --seconds=-600",
  ],
  async run({ values, positionals: [kind = ""], places }) {
    const { whom, options } = checkFaultKind(kind);
    for (const option of ["verifier", "person", "seconds", "apdu", "carried-out"] as const) {
      if (values[option] !== undefined && option !== whom && !options.includes(option)) {
        throw new CliError("USAGE", `--${option} does not go with ${kind}`);
      }
    }
    if (kind === "card-torn" && values.apdu === undefined) throw new CliError("USAGE", "card-torn needs --apdu N");
    const sandbox = new SandboxClient(places.sandbox);
    const numbers = {
      seconds: values.seconds,
      apdu: values.apdu,
      count: values.count,
      expiresInSeconds: values.expires,
    };
    const given = Object.entries(numbers).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, readNumber(name === "expiresInSeconds" ? "expires" : name, text)] as const],
    );
    const fault = await sandbox.setFault({
      kind,
      ...(values.verifier === undefined ? {} : { verifier: await findVerifier(sandbox, values.verifier) }),
      ...(values.person === undefined ? {} : { person: values.person }),
      ...Object.fromEntries(given),
      ...(values["carried-out"] ? { carriedOut: true } : {}),
    });
    return { json: fault, text: faultText(fault, await sandbox.verifiers()) };
  },
});

function readNumber(option: string, text: string): number {
  if (!/^-?\d{1,9}(\.\d{1,3})?$/.test(text)) throw new CliError("USAGE", `--${option} must be a number`);
  return Number(text);
}
