import type { KnownClient } from "./known-client.ts";

/** A relying party that calls with an access token. */
type CallingClient = KnownClient & { scopes: ReadonlySet<string> };

/** With the token that a person's approval gave it: it reaches what is that person's. */
export type PersonCaller = CallingClient & { token: "person"; accountId: string };

/** With a token of its own (RFC 6749 section 4.4): it reaches what is the client's. */
export type ClientCaller = CallingClient & { token: "client" };

export type Caller = PersonCaller | ClientCaller;

/** The parts of a call that say who calls. */
export type Credentials = {
  method: string;
  /** Without query. */
  url: string;
  authorization: string | undefined;
  /** RFC 9449 */
  dpop: string | undefined;
};

/** Throws `ApiProblem`: `TOKEN_INVALID`, also for a token of a kind that is not in `kinds`, or `DPOP_PROOF_INVALID`. */
export type Authenticate = (credentials: Credentials, kinds: readonly Caller["token"][]) => Promise<Caller>;
