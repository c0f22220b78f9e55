import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { formatNoteKey } from "@xid/pki";
import { largestSubmission, type Witness, type WitnessAnswer } from "./witness.ts";

export type RunningWitness = { url: string; close(): Promise<void> };

/**
 * Serves a witness over HTTP: `POST /add-checkpoint` (C2SP tlog-witness), and `GET /key` with its verifier key. TLS ends in
 * front of it. `onError` is told what went wrong inside, which callers are not.
 */
export async function startWitness(
  witness: Witness,
  { port, host, onError }: { port: number; host?: string; onError?: (error: unknown) => void },
): Promise<RunningWitness> {
  const server = createServer(async (request, response) => {
    const { status, contentType, body } = await answer(witness, request).catch((error) => {
      onError?.(error);
      return { status: 500, contentType: "text/plain; charset=utf-8", body: "the witness cannot answer\n" };
    });
    response.writeHead(status, { "content-type": contentType, "cache-control": "no-store" }).end(body);
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  server.listen(port, host);
  await once(server, "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

type Answer = Omit<WitnessAnswer, "status"> & { status: number };

async function answer(witness: Witness, request: IncomingMessage): Promise<Answer> {
  const [path] = request.url?.split("?") ?? [];
  const plain = (status: number, body: string): Answer => ({ status, contentType: "text/plain; charset=utf-8", body });
  if (path === "/key" && request.method === "GET") return plain(200, `${formatNoteKey(witness.key)}\n`);
  if (path !== "/add-checkpoint") return plain(404, "there is only /add-checkpoint and /key\n");
  if (request.method !== "POST") return plain(405, "a checkpoint comes by POST\n");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largestSubmission) return plain(413, "too long for a checkpoint\n");
    chunks.push(chunk);
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
    return await witness.addCheckpoint(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_ENCODING_INVALID_ENCODED_DATA") throw error;
    return plain(400, "not UTF-8\n");
  }
}
