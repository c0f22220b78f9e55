import { formatNoteKey, type NoteKey, PkiError, parseNoteKey } from "@xid/pki";
import { fileWitnessStore, readOrCreateWitnessKey, startWitness, Witness } from "@xid/sdk/witness";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { untilInterrupted } from "../until-interrupted.ts";

const defaultPort = 4007;

export const witnessServe = defineCommand({
  positionals: [],
  options: {
    name: { type: "string", value: "NAME", help: "under which it signs: its address without scheme, as a rule" },
    state: { type: "string", value: "DIR", help: "its key and what it has seen; made if absent, lose neither" },
    log: {
      type: "string",
      value: "KEY",
      multiple: true,
      help: "verifier key of a log that it watches (ISSUER/log/key)",
    },
    port: { type: "string", value: "PORT", help: `where it listens (${defaultPort})` },
  },
  notes: [
    "Stays in the foreground until interrupted. A bank or a city runs one, so that the evidence log cannot be rewritten or",
    "shown to some in another form: C2SP tlog-witness. Tell the platform its key and address in XID_WITNESSES, and keep",
    "the key that it prints in the witness/ folder of the trust for `xid evidence verify`. One process for each DIR.",
  ],
  async run({ values, json, print }) {
    const { name, state, log: keys = [], port = String(defaultPort) } = values;
    if (name === undefined || !/^[^\s+]{1,255}$/.test(name))
      throw new CliError("USAGE", "--name NAME is needed, without spaces and plus signs");
    if (state === undefined) throw new CliError("USAGE", "--state DIR is needed");
    if (keys.length === 0) throw new CliError("USAGE", "--log KEY is needed: ISSUER/log/key says it");
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new CliError("USAGE", "--port is a port number");
    const logs = keys.map(parseLogKey);
    const privateKey = await readOrCreateWitnessKey(state);
    const witness = new Witness({ name, privateKey, logs, store: await fileWitnessStore(state) });
    const interruption = untilInterrupted();
    const running = await startWitness(witness, {
      port: Number(port),
      onError: (error) => console.error(error instanceof Error ? error.message : String(error)),
    }).catch((cause: NodeJS.ErrnoException) => {
      interruption.stop();
      throw cause.code === "EADDRINUSE" ? new CliError("PORT_IN_USE", `port ${port} is in use`, { cause }) : cause;
    });
    const key = formatNoteKey(witness.key);
    print(json ? JSON.stringify({ url: running.url, key }) : `${running.url}  (Ctrl+C で止める / stops it)\n${key}`);
    await new Promise((resolve) => {
      if (interruption.signal.aborted) resolve(undefined);
      interruption.signal.addEventListener("abort", resolve, { once: true });
    });
    interruption.stop();
    await running.close();
    return undefined;
  },
});

function parseLogKey(text: string): NoteKey {
  try {
    const key = parseNoteKey(text.trim());
    if (key.kind === "ed25519") return key;
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
  }
  throw new CliError("USAGE", "--log is not the verifier key of a log");
}
