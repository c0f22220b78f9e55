import { createPrivateKey, type JsonWebKey, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { eventTypes } from "@xid/protocol";
import { verifyWebhook, XidError } from "@xid/sdk/server";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { untilInterrupted } from "../until-interrupted.ts";

const maxBody = 1024 * 1024;

export const webhookListen = defineCommand({
  positionals: [],
  options: {
    client: { type: "string", value: "CLIENT_ID", help: "of `xid client register`, whose file is in <data>/clients" },
    events: { type: "string", value: "TYPES", help: "separated by commas; all unless told" },
    port: { type: "string", value: "PORT", help: "where it listens; a free one unless told" },
  },
  notes: [
    "Registers an endpoint on this machine with a platform in the sandbox profile, prints each event whose signature holds,",
    "and deletes the endpoint when it is stopped. With --json each event is a line of JSON.",
  ],
  async run({ values, places, json, print }) {
    const { client, events, port = "0" } = values;
    if (client === undefined)
      throw new CliError("USAGE", "--client CLIENT_ID is needed: `xid client register` gives one");
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new CliError("USAGE", "--port is a port number");
    const wanted = events?.split(",") ?? eventTypes.filter((type) => type !== "webhook.test");
    const token = await clientToken(await readClient(places.dataDirectory, client));
    const call = caller(`${places.platform}/v1`, token);
    let secret = "";
    const receiver = createServer(async (request, response) => {
      try {
        if (Number(request.headers["content-length"] ?? 0) > maxBody) throw new XidError("WEBHOOK_INVALID", "too long");
        const event = verifyWebhook(request.headers, await text(request), secret);
        const line = `${event.createdAt}  ${event.type}  ${event.subject ?? "–"}\n${JSON.stringify(event.data, null, 2)}`;
        print(json ? JSON.stringify(event) : line);
        response.writeHead(204).end();
      } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        response.writeHead(400).end();
      }
    });
    const interruption = untilInterrupted();
    receiver.listen(Number(port), "127.0.0.1");
    await once(receiver, "listening").catch((cause: NodeJS.ErrnoException) => {
      interruption.stop();
      throw cause.code === "EADDRINUSE" ? new CliError("PORT_IN_USE", `port ${port} is in use`, { cause }) : cause;
    });
    const url = `http://localhost:${(receiver.address() as AddressInfo).port}/`;
    try {
      const endpoint = await call("POST", "/webhook-endpoints", { form: "webhook", url, events: wanted });
      secret = String(endpoint.secret);
      print(json ? JSON.stringify({ listening: url }) : `${url}  (Ctrl+C で止める / stops it)`);
      await new Promise((resolve) => {
        if (interruption.signal.aborted) resolve(undefined);
        interruption.signal.addEventListener("abort", resolve, { once: true });
      });
      await call("DELETE", `/webhook-endpoints/${endpoint.id}`);
    } finally {
      interruption.stop();
      receiver.close();
      receiver.closeAllConnections();
    }
    return undefined;
  },
});

type Client = { client_id: string; issuer: string; client_secret?: string; private_jwk?: JsonWebKey & { kid: string } };

async function readClient(dataDirectory: string, clientId: string): Promise<Client> {
  const file = join(dataDirectory, "clients", `${encodeURIComponent(clientId)}.json`);
  try {
    return JSON.parse(await readFile(file, "utf8")) as Client;
  } catch (cause) {
    throw new CliError("FILE", `${file} holds no client of this command`, { cause });
  }
}

/** RFC 6749 section 4.4, with a secret or an assertion (RFC 7523 section 2.2). */
async function clientToken({
  client_id: id,
  client_secret: secret,
  private_jwk: key,
  issuer,
}: Client): Promise<string> {
  const proof = key ? assertion(id, issuer, key) : {};
  const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret ?? "")}`).toString("base64");
  const response = await reach(`${issuer}/token`, {
    method: "POST",
    headers: key ? {} : { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "webhooks", ...proof }),
  });
  const answer = (await response.json()) as { access_token?: string; error?: string; error_description?: string };
  if (answer.access_token) return answer.access_token;
  throw new CliError("API_REFUSED", `no token: ${answer.error} ${answer.error_description ?? ""}`);
}

function assertion(clientId: string, issuer: string, { kid, ...jwk }: JsonWebKey & { kid: string }) {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 };
  const content = `${part({ alg: "ES256", kid })}.${part(claims)}`;
  const key = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  const signature = sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: `${content}.${signature.toString("base64url")}`,
  };
}

function caller(base: string, token: string) {
  return async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const response = await reach(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (response.ok) return answer;
    throw new CliError("API_REFUSED", `${answer.code ?? response.status}: ${answer.detail ?? answer.title ?? ""}`);
  };
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "error" });
  } catch (cause) {
    throw new CliError("UNREACHABLE", `no platform at ${new URL(url).origin}; start it with "xid up"`, { cause });
  }
}
