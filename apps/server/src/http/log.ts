import { type Logger, pino } from "pino";

/**
 * The server's log: JSON lines. Nothing personal and nothing secret belongs in it, so a request is logged as its
 * method, its route without the ids in it, status and time; an error without the values it may quote.
 */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    redact: { paths: ["*.headers", "*.body", "*.params", "*.token", "*.secret", "*.password"], censor: "[removed]" },
  });
}

/** Name, code and place. A database error's `detail` would quote the row, so nothing but the message is taken. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, code, cause } = error as Error & { code?: unknown };
  return {
    name,
    message: message.slice(0, 500),
    ...(typeof code === "string" ? { code } : {}),
    stack: error.stack?.split("\n").slice(1, 8).join("\n"),
    ...(cause === undefined ? {} : { cause: describeError(cause) }),
  };
}

/** A path by its shape: what is longer than a word of ours, or holds a digit, is an id. */
export function routeOf(path: string): string {
  return path
    .replace(/[?#].*$/s, "")
    .split("/")
    .slice(0, 8)
    .map((segment) => (/^[a-z.-]{0,32}$/.test(segment) || segment === "v1" ? segment : ":id"))
    .join("/");
}
