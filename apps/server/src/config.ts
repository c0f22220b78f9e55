import { type NoteKey, PkiError, parseNoteKey } from "@xid/pki";

/** Everything that differs between installations. Read from the environment once, in `readConfig`. */
export type Config = {
  /** `sandbox` trusts the simulated Japan and lets anyone register a client; nothing simulated is taken in `production`. */
  profile: "sandbox" | "production";
  /** Issuer URL, without a trailing slash: also the base URL of all APIs. */
  issuer: string;
  port: number;
  /** Where the xID app is: base URL of its links. */
  appUrl: string;
  /** Keys and the embedded database live here. */
  dataDirectory: string;
  /** A PostgreSQL of one's own; undefined = the embedded one. */
  databaseUrl: string | undefined;
  /** Folder of trusted CA certificates (DER or PEM). In the sandbox profile the simulator's are fetched instead. */
  trustDirectory: string | undefined;
  jpki: {
    /** Undefined in the sandbox profile only: then J-LIS hands them out at registration. */
    ocspUrls: { signature: string | undefined; authentication: string | undefined };
    crlUrls: { signature: string | undefined; authentication: string | undefined };
    caUrls: { signature: string; authentication: string } | undefined;
    jlisUrl: string;
    /** The clock of the simulated Japan, which certificates there go by; undefined in production, whatever is set. */
    clockUrl: string | undefined;
  };
  /** How old the answer about a certificate may be at a sign-in, in seconds. */
  statusMaxAge: number;
  /** The hour of the day in Japan, from 0, at which J-LIS is asked what has changed of everybody. */
  sweepHour: number;
  /** How long a person has to decide, in seconds. */
  requestLifetime: number;
  /** How many proxies of our own stand before us: so many entries from the right of X-Forwarded-For are believed. */
  proxyHops: number;
  evidence: {
    /** Who stamps the log's checkpoints (RFC 3161). Undefined: nobody. */
    timestamp:
      | {
          url: string;
          /** The authority's revocation list, kept with each token. */
          listUrl: string;
          /** Trusted roots of it: a folder, or in the sandbox profile the simulator's address. */
          roots: { directory: string } | { url: string };
          /** Seconds from one stamped checkpoint to the next. */
          interval: number;
        }
      | undefined;
    /** Who cosigns them (C2SP tlog-witness). `url`: the submission prefix. */
    witnesses: { key: NoteKey; url: string }[];
  };
  logLevel: string;
};

const defaultPort = 4001;

/** Throws a `TypeError` naming the variable that is wrong. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const profile = environment.XID_PROFILE ?? "production";
  if (profile !== "sandbox" && profile !== "production") throw new TypeError("XID_PROFILE is sandbox or production");
  const sandbox = profile === "sandbox";
  const sandboxUrl = environment.XID_SANDBOX_URL ?? "http://localhost:4006";
  const url = (name: string, fallback: string | undefined) => {
    const value = environment[name] ?? fallback;
    if (!value || !URL.canParse(value)) throw new TypeError(`${name} must be a URL`);
    return value.replace(/\/$/, "");
  };
  const wholeNumber = (name: string, fallback: number, max = 86_400) => {
    const value = Number(environment[name] ?? fallback);
    if (!Number.isInteger(value) || value < 0 || value > max) {
      throw new TypeError(`${name} must be a whole number, at most ${max}`);
    }
    return value;
  };
  const handedOut = (name: string) => (sandbox && environment[name] === undefined ? undefined : url(name, undefined));
  const port = wholeNumber("XID_PORT", defaultPort, 65_535);
  const issuer = url("XID_ISSUER", sandbox ? `http://localhost:${port}` : undefined);
  if (new URL(issuer).origin !== issuer) throw new TypeError("XID_ISSUER must be a scheme and a host, without a path");
  if (!sandbox && !issuer.startsWith("https://")) throw new TypeError("XID_ISSUER must be https in production");
  const readTimestamp = (): Config["evidence"]["timestamp"] => {
    const directory = environment.XID_TSA_TRUST_DIR;
    if (environment.XID_TSA_URL === "none" || (!sandbox && environment.XID_TSA_URL === undefined)) return undefined;
    if (!sandbox && directory === undefined) throw new TypeError("XID_TSA_TRUST_DIR must name a folder");
    const ofSandbox = environment.XID_TSA_URL === undefined;
    return {
      url: url("XID_TSA_URL", `${sandboxUrl}/tsa`),
      listUrl: url("XID_TSA_CRL_URL", ofSandbox ? `${sandboxUrl}/tsa/ca.crl` : undefined),
      roots: directory === undefined ? { url: `${sandboxUrl}/tsa/ca.pem` } : { directory },
      interval: wholeNumber("XID_TIMESTAMP_INTERVAL", sandbox ? 0 : 3600),
    };
  };
  return {
    profile,
    issuer,
    port,
    appUrl: url("XID_APP_URL", sandbox ? "http://localhost:4002" : undefined),
    dataDirectory: environment.XID_DATA_DIR ?? ".xid",
    databaseUrl: environment.DATABASE_URL,
    trustDirectory: environment.XID_TRUST_DIR,
    jpki: {
      ocspUrls: {
        signature: handedOut("XID_OCSP_SIGNATURE_URL"),
        authentication: handedOut("XID_OCSP_AUTHENTICATION_URL"),
      },
      crlUrls: {
        signature: handedOut("XID_CRL_SIGNATURE_URL"),
        authentication: handedOut("XID_CRL_AUTHENTICATION_URL"),
      },
      caUrls: sandbox
        ? {
            signature: `${sandboxUrl}/jpki/ca/signature.pem`,
            authentication: `${sandboxUrl}/jpki/ca/authentication.pem`,
          }
        : undefined,
      jlisUrl: url("XID_JLIS_URL", sandbox ? `${sandboxUrl}/jlis/v1` : undefined),
      clockUrl: sandbox ? `${sandboxUrl}/api/clock` : undefined,
    },
    statusMaxAge: wholeNumber("XID_STATUS_MAX_AGE", sandbox ? 5 : 3600),
    sweepHour: wholeNumber("XID_SWEEP_HOUR", 3, 23),
    requestLifetime: wholeNumber("XID_REQUEST_LIFETIME", 300),
    proxyHops: wholeNumber("XID_PROXY_HOPS", 0, 10),
    evidence: {
      timestamp: readTimestamp(),
      witnesses: (environment.XID_WITNESSES ?? "").split(",").flatMap((entry) => {
        const text = entry.trim();
        return text === "" ? [] : [parseWitness(text)];
      }),
    },
    logLevel: environment.XID_LOG_LEVEL ?? "info",
  };
}

/** `<verifier key> <URL>`. */
function parseWitness(text: string): Config["evidence"]["witnesses"][number] {
  const [encoded, url, ...more] = text.split(/\s+/);
  try {
    if (!encoded || !url || more.length > 0 || !/^https?:$/.test(new URL(url).protocol)) throw new TypeError();
    const key = parseNoteKey(encoded);
    if (key.kind !== "cosignature") throw new TypeError();
    return { key, url: url.replace(/\/$/, "") };
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof PkiError)) throw cause;
    throw new TypeError("XID_WITNESSES must hold entries of a cosigner's verifier key and its URL, apart by commas", {
      cause,
    });
  }
}
