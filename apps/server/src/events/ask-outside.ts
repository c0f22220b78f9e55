import { lookup } from "node:dns";
import { type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "./public-address.ts";

export type OutsideRequest = {
  /** POST unless told. */
  method?: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
  /** Octets of the answer's body that are read; 4 KiB unless told. */
  maxAnswer?: number;
  /** Milliseconds for the whole exchange. */
  timeout: number;
  /** Also http, and to this machine and its networks: a sandbox only. */
  anywhere: boolean;
};

export type OutsideAnswer = {
  status: number;
  /** Seconds, of `Retry-After`; at most a day. */
  retryAfter: number | undefined;
  /** Its beginning. */
  body: string;
};

/** Why there was no answer. */
export class OutsideError extends Error {
  /** `ADDRESS_REFUSED`, `SCHEME_REFUSED`, `TIMEOUT`, or what the system says: `ECONNREFUSED`, `ENOTFOUND`, … */
  readonly code: string;

  constructor(code: string, options: { cause?: unknown } = {}) {
    super(code, options);
    this.name = "OutsideError";
    this.code = code;
  }
}

/**
 * One request to an address that somebody else has chosen. The host is looked up here, every address of it must be a public
 * one, and the connection goes to what was looked up: a name cannot lead inside, nor change its mind in between. Redirects
 * are answers like others. Throws `OutsideError`; an answer of any status is an answer.
 */
export async function askOutside(
  target: string,
  { method = "POST", headers, body = "", maxAnswer = 4096, timeout, anywhere }: OutsideRequest,
): Promise<OutsideAnswer> {
  const url = new URL(target);
  if (url.protocol !== "https:" && !(anywhere && url.protocol === "http:")) throw new OutsideError("SCHEME_REFUSED");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!anywhere && isIP(host) && !isPublicAddress(host)) throw new OutsideError("ADDRESS_REFUSED");
  const options: RequestOptions = {
    method,
    headers: method === "GET" ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
    signal: AbortSignal.timeout(timeout),
    // A connection of its own: what one delivery reached says nothing of the next.
    agent: false,
    ...(anywhere ? {} : { lookup: lookupPublic }),
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error & { code?: string }) =>
      reject(new OutsideError(cause.name === "AbortError" ? "TIMEOUT" : (cause.code ?? "FAILED"), { cause }));
    const sent = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const end = () => {
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: secondsOf(answer.headers["retry-after"]),
          body: Buffer.concat(chunks).subarray(0, maxAnswer).toString("utf8"),
        });
        answer.destroy();
      };
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= maxAnswer) end();
      });
      answer.on("end", end);
      answer.on("error", fail);
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => !isPublicAddress(address))) {
      return callback(Object.assign(new Error("not a public address"), { code: "ADDRESS_REFUSED" }), "", 0);
    }
    if (options.all) return callback(null, addresses as never, 0);
    callback(null, first.address, first.family);
  });
};

/** Only the form in seconds (RFC 9110 section 10.2.3): a date says no more to us. */
function secondsOf(header: string | undefined): number | undefined {
  return header && /^\d{1,9}$/.test(header) ? Math.min(Number(header), 86_400) : undefined;
}
