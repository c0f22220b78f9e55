import { lookup as resolve } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { Config } from "../config.ts";

export type PublicPost = {
  headers: Record<string, string>;
  body: string;
  /** Milliseconds for the whole exchange. */
  timeout: number;
};

const loopback = blockList(["127.0.0.0/8", "::1/128"]);

/** Not out in the world: RFC 6890 and its registry, link-local metadata services, our own network. */
const inside = blockList([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16"],
  ...["198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"],
  ...["::/128", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8"],
]);

/**
 * POST to an address that somebody else has chosen. It goes out into the world only, whatever a name resolves to at that
 * moment; in a sandbox also to this machine. Redirects are not followed, the body of the answer is not read. Resolves
 * with the status; rejects where there is none in time.
 */
export function publicPost({ profile }: Pick<Config, "profile">, address: string, post: PublicPost): Promise<number> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const local = url.protocol === "http:" && profile === "sandbox";
  if (url.protocol !== "https:" && !local) throw new TypeError("only https is called");
  const assertOutside = (ip: string) => {
    const family = isIP(ip) === 6 ? "ipv6" : "ipv4";
    if (inside.check(ip, family)) throw new TypeError(`${host} is not in the public network`);
    if (loopback.check(ip, family) && profile !== "sandbox") throw new TypeError(`${host} is this machine`);
  };
  if (isIP(host) !== 0) assertOutside(host);
  /** Judges the very addresses that the connection is made to. */
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      try {
        for (const { address: ip } of addresses) assertOutside(ip);
      } catch (refused) {
        return callback(refused as Error, []);
      }
      const [first] = addresses;
      return options.all ? callback(null, addresses) : callback(null, first?.address ?? "", first?.family);
    });
  };
  const { promise, resolve: answered, reject } = Promise.withResolvers<number>();
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  const headers = { ...post.headers, "content-length": String(Buffer.byteLength(post.body)) };
  const signal = AbortSignal.timeout(post.timeout);
  const request = send(url, { method: "POST", headers, lookup, signal, agent: false }, (response) => {
    answered(response.statusCode ?? 0);
    response.destroy();
  });
  request.on("error", reject);
  request.end(post.body);
  return promise;
}

function blockList(ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", prefix] = range.split("/");
    list.addSubnet(network, Number(prefix), isIP(network) === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
