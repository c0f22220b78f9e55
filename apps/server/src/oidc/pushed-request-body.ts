import type { IncomingMessage, ServerResponse } from "node:http";
import type { Handler } from "../http/server.ts";

/** What the provider reads itself. */
const providerLimit = 56 * 1024;

/** A text of 64 KiB, three bytes a character, each as %XX, and what stands around it. */
const maxBody = 320 * 1024;

/**
 * A pushed authorization request may hold a text to be signed that is larger than any body which the provider reads: those
 * are read here, and handed to it as it takes them from a parser. Everything else passes untouched.
 */
export function readLargeBodies(provider: Handler): Handler {
  return (request, response) => {
    const length = Number(request.headers["content-length"]);
    if (!(length > providerLimit)) return provider(request, response);
    if (length > maxBody) return refuse(response);
    readText(request).then(
      (body) => {
        Object.assign(request, { body });
        provider(request, response);
      },
      () => response.destroy(),
    );
  };
}

/** node:http ends a body at the length that was announced. */
async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function refuse(response: ServerResponse): void {
  response.writeHead(413, { "content-length": 0, connection: "close" }).end();
}
