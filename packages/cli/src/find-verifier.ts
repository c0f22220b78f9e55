import { CliError } from "./cli-error.ts";
import type { SandboxClient } from "./sandbox-client.ts";

/** The id of a verifier that is named by its id or, if only one has it, by its name. Throws `CliError("USAGE")`. */
export async function findVerifier(sandbox: SandboxClient, named: string): Promise<string> {
  const verifiers = await sandbox.verifiers();
  if (verifiers.some(({ id }) => id === named)) return named;
  const [found, ...others] = verifiers.filter(({ name }) => name === named);
  if (found && others.length === 0) return found.id;
  const reason = found ? `several verifiers are called "${named}"` : `no verifier "${named}"`;
  throw new CliError("USAGE", `${reason}; xid fault verifiers lists them with their ids`);
}
