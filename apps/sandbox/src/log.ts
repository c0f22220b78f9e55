export type Log = (level: "info" | "error", message: string, fields?: Record<string, unknown>) => void;

/**
 * One line of JSON to the standard output. Never give it a password, a My Number, a token, a reader's session or a
 * request's address.
 */
export const logToOutput: Log = (level, message, fields = {}) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};
