import { sentence } from "@xid/card/describe";
import type { LoggedExchange, LoggedSession } from "./apdu-log.ts";

/** As the interface shows it; times in ISO 8601, the status word and the bytes in hexadecimal. */
export function presentSession({ startedAt, exchanges }: LoggedSession) {
  return { startedAt: startedAt.toISOString(), exchanges: exchanges.map(presentExchange) };
}

function presentExchange(exchange: LoggedExchange) {
  const { at, statusWord, ...rest } = exchange;
  return {
    at: at.toISOString(),
    text: sentence(exchange),
    ...rest,
    ...(statusWord === undefined ? {} : { statusWord: statusWord.toString(16).padStart(4, "0") }),
  };
}
