/** A relying party that calls with an access token which a person's approval gave it. */
export type Caller = {
  clientId: string;
  accountId: string;
  scopes: ReadonlySet<string>;
  /** Whether its legal role lets it have certificates of cards and their serial numbers. */
  receivesCertificates: boolean;
};

/** The parts of a call that say who calls. */
export type Credentials = {
  method: string;
  /** Without query. */
  url: string;
  authorization: string | undefined;
  /** RFC 9449 */
  dpop: string | undefined;
};

/** Throws `ApiProblem`: `TOKEN_INVALID` or `DPOP_PROOF_INVALID`. */
export type Authenticate = (credentials: Credentials) => Promise<Caller>;
