import { Agent, request } from "node:http";

export type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/**
 * One request over a kept connection to a server on this machine, whatever the URL says: `port` is where it goes, the
 * URL's host is what it is called.
 */
export function send(
  port: number,
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  const { host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const call = request(
      {
        agent,
        host: "127.0.0.1",
        port,
        method,
        path: pathname + search,
        headers: { ...headers, host, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
        response.on("error", reject);
      },
    );
    call.on("error", (error: NodeJS.ErrnoException) => {
      // A kept connection may be closed by the server just when it is used again: nothing was read of this request.
      if (call.reusedSocket && error.code === "ECONNRESET") resolve(send(port, method, url, headers, body));
      else reject(error);
    });
    call.end(body);
  });
}

/** Cookies of one flow. Names differ by purpose, so paths need not be kept apart. */
export class Cookies {
  readonly #values = new Map<string, string>();

  keep(answer: Answer): void {
    for (const line of answer.headers["set-cookie"] ?? []) {
      const pair = line.slice(0, line.indexOf(";") === -1 ? undefined : line.indexOf(";"));
      const equals = pair.indexOf("=");
      if (pair.length === equals + 1) this.#values.delete(pair.slice(0, equals));
      else this.#values.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
  }

  header(): Record<string, string> {
    if (this.#values.size === 0) return {};
    return { cookie: [...this.#values].map(([name, value]) => `${name}=${value}`).join("; ") };
  }
}
