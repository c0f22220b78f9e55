import { CliError } from "./cli-error.ts";
import type { Language } from "./language.ts";

/** What goes to stderr, and the exit status: 2 for a wrong command line, 1 for everything that was refused or failed. */
export type ErrorDescription = {
  code: string;
  message: string;
  details: Record<string, unknown>;
  exitStatus: 1 | 2;
};

/** Errors that are ours get their code; anything else is `INTERNAL`, with its message and stack left to `cause`. */
export async function describeError(error: unknown, language: Language): Promise<ErrorDescription> {
  if (error instanceof CliError) {
    const exitStatus = error.code === "USAGE" ? 2 : 1;
    return { code: error.code, message: error.message, details: error.details, exitStatus };
  }
  // Loaded here and not above: a command that goes well, or never gets that far, starts in half the time.
  const { CardError } = await import("@xid/card");
  const { ProtocolError } = await import("@xid/protocol");
  if (error instanceof CardError) {
    const details = error.remaining === undefined ? {} : { remaining: error.remaining };
    const { cardErrorText } = await import("./card/card-error-text.ts");
    return { code: error.code, message: cardErrorText(error, language), details, exitStatus: 1 };
  }
  if (error instanceof ProtocolError) {
    if (!error.problem) return { code: error.code, message: error.message, details: {}, exitStatus: 1 };
    const { code, resident, mendedBy, detail } = error.problem;
    return {
      code,
      message: `${resident.ja} / ${resident.en}${detail ? ` (${detail})` : ""}`,
      details: { mendedBy },
      exitStatus: 1,
    };
  }
  const { TestingError } = await import("@xid/sdk/testing");
  if (error instanceof TestingError) {
    return { code: error.code, message: error.message, details: error.details, exitStatus: 1 };
  }
  const { EvidenceError } = await import("@xid/sdk/evidence");
  if (error instanceof EvidenceError) return { code: error.code, message: error.message, details: {}, exitStatus: 1 };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "INTERNAL", message, details: {}, exitStatus: 1 };
}
