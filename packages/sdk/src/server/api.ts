import { randomUUID } from "node:crypto";
import { type ClientScope, Problem } from "@xid/protocol";
import { clientCredentialsGrant, fetchProtectedResource } from "openid-client";
import type { z } from "zod";
import type { Client, Connection } from "./client.ts";
import { translateError } from "./translate-error.ts";
import { XidError } from "./xid-error.ts";

type ApiCall = {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Under /v1, ids in it encoded. */
  path: string;
  scope: ClientScope;
  query?: Record<string, string | undefined>;
  /** JSON, or bytes of a media type. */
  body?: object | { bytes: Uint8Array; mediaType: string };
  /** Of a POST: the same key again is the same call. One is made up where none is given. */
  idempotencyKey?: string | undefined;
};

export type Api = {
  /** Calls the API in the relying party's own name. Throws `XidError`: `API_REFUSED` with the problem, `UNREACHABLE`, … */
  json<Shape extends z.ZodType>(call: ApiCall, answer: Shape): Promise<z.output<Shape>>;
  bytes(call: ApiCall): Promise<Uint8Array>;
  nothing(call: ApiCall): Promise<void>;
};

/** Seconds before its end from when on a token is not used any more. */
const tokenMargin = 30;

/** A call is tried again when nobody can have noticed it or its idempotency key makes it the same call. */
const maxAttempts = 4;
const longestWait = 10;

type Token = { connection: Connection; value: string; until: number };

/** @param wait for so many seconds */
export function createApi(client: Client, wait = waitFor): Api {
  const tokens = new Map<ClientScope, Token>();

  async function tokenFor(connection: Connection, scope: ClientScope): Promise<string> {
    const known = tokens.get(scope);
    if (known?.connection === connection && known.until > Date.now()) return known.value;
    const answer = await clientCredentialsGrant(connection.configuration, { scope }, { DPoP: connection.dpop });
    const lifetime = (answer.expires_in ?? tokenMargin) - tokenMargin;
    tokens.set(scope, { connection, value: answer.access_token, until: Date.now() + lifetime * 1000 });
    return answer.access_token;
  }

  async function send({ method, path, scope, query = {}, body }: ApiCall, headers: Headers): Promise<Response> {
    const connection = await client.connect();
    const { configuration, dpop } = connection;
    const url = new URL(`/v1${path}`, configuration.serverMetadata().issuer);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const isBytes = body !== undefined && "bytes" in body && body.bytes instanceof Uint8Array;
    const content =
      body === undefined ? null : isBytes ? (body.bytes as Uint8Array<ArrayBuffer>) : JSON.stringify(body);
    const token = await tokenFor(connection, scope);
    return fetchProtectedResource(configuration, token, url, method, content, headers, { DPoP: dpop });
  }

  async function call(order: ApiCall): Promise<Response> {
    const headers = new Headers({ accept: "application/json, */*;q=0.5" });
    const { body } = order;
    if (body) headers.set("content-type", "mediaType" in body ? String(body.mediaType) : "application/json");
    if (order.method === "POST") headers.set("idempotency-key", `"${order.idempotencyKey ?? randomUUID()}"`);
    for (let attempt = 1; ; attempt++) {
      const last = attempt === maxAttempts;
      let response: Response;
      try {
        response = await send(order, headers);
      } catch (cause) {
        const error = translateError(cause);
        // The provider may have forgotten the token, but once.
        const forgotten = error.oauthError === "invalid_token" && tokens.delete(order.scope) && attempt === 1;
        if (!forgotten && (error.code !== "UNREACHABLE" || last)) throw error;
        if (!forgotten) await wait(attempt);
        continue;
      }
      if (response.ok) return response;
      const problem = Problem.safeParse(await response.json().catch(() => undefined)).data;
      const later = Number(response.headers.get("retry-after"));
      const mayPass = problem?.code === "IDEMPOTENCY_KEY_IN_USE" || response.status === 429 || response.status === 503;
      if (!mayPass || last || later > longestWait) throw refused(response, problem);
      await wait(Math.max(later, 1));
    }
  }

  return {
    async json(order, answer) {
      const response = await call(order);
      const parsed = answer.safeParse(await response.json().catch(() => undefined));
      if (!parsed.success) throw new XidError("RESPONSE_INVALID", `${order.path} answered in an unknown form`);
      return parsed.data;
    },
    async bytes(order) {
      return new Uint8Array(await (await call(order)).arrayBuffer());
    },
    async nothing(order) {
      await (await call(order)).body?.cancel();
    },
  };
}

function refused({ status }: Response, problem: Problem | undefined): XidError {
  if (!problem) return new XidError("RESPONSE_INVALID", `the API answered with status ${status}`);
  const message = `${problem.code}: ${problem.title}${problem.detail ? ` (${problem.detail})` : ""}`;
  return new XidError("API_REFUSED", message, { problem });
}

function waitFor(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
