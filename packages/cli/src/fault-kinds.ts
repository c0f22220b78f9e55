import { CliError } from "./cli-error.ts";
import type { Fault, Verifier } from "./sandbox-client.ts";

type FaultKind = { summary: string; whom: "verifier" | "person"; options: readonly string[] };

/** What the sandbox can let go wrong, for whom, and what one may say about it. */
export const faultKinds: Record<string, FaultKind> = {
  "jlis-down": { summary: "J-LISが応答しない / J-LIS answers 503", whom: "verifier", options: [] },
  "jlis-slow": { summary: "J-LISが遅い / J-LIS begins later (2 s)", whom: "verifier", options: ["seconds"] },
  "jlis-late": {
    summary: "J-LISの回答が間に合わない / J-LIS does it, and answers too late (10 s)",
    whom: "verifier",
    options: ["seconds"],
  },
  "crl-stale": { summary: "CRLが古い / the revocation list ended yesterday", whom: "verifier", options: [] },
  "ocsp-down": { summary: "OCSPが応答しない / the OCSP responder answers 503", whom: "verifier", options: [] },
  "ocsp-wrong-signature": {
    summary: "OCSPの署名が不正 / OCSP answers do not verify",
    whom: "verifier",
    options: [],
  },
  "clock-skew": {
    summary: "時計のずれ / J-LIS's clocks are fast (3600 s), or slow below zero",
    whom: "verifier",
    options: ["seconds"],
  },
  "card-torn": {
    summary: "カードが離れる / the card is torn away at the n-th APDU of a session",
    whom: "person",
    options: ["apdu", "carried-out"],
  },
};

/** Throws `CliError("USAGE")`. */
export function checkFaultKind(kind: string): FaultKind {
  const known = Object.hasOwn(faultKinds, kind) ? faultKinds[kind] : undefined;
  if (!known) throw new CliError("USAGE", `KIND is one of ${Object.keys(faultKinds).join(", ")}`);
  return known;
}

/** One fault as a line for a terminal, with the verifier's name before its id. */
export function faultText(fault: Fault, verifiers: Verifier[]): string {
  const { kind, verifier, person, seconds, apdu, carriedOut, count, expiresAt } = fault;
  const details = [
    seconds === undefined ? undefined : `${seconds}秒 s`,
    apdu === undefined
      ? undefined
      : `${apdu}番目のAPDU ${carriedOut ? "実行後 carried out" : "実行前 not carried out"}`,
    count === undefined ? undefined : `あと${count}回 more times`,
    expiresAt === undefined ? undefined : `${expiresAt}まで until`,
  ].filter((detail) => detail !== undefined);
  const name = verifiers.find(({ id }) => id === verifier)?.name;
  const whom = name === undefined ? (verifier ?? person ?? "すべて everyone") : `${name} (${verifier})`;
  return `${kind.padEnd(21)} ${whom}${details.length > 0 ? `  ${details.join(", ")}` : ""}`;
}
