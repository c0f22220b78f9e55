import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromHex, toHex } from "./hex.ts";
import { HttpCardReader } from "./http.ts";
import { JpkiApplication } from "./jpki.ts";
import { createCard } from "./virtual/create-card.ts";
import { testContents } from "./virtual/test-card.ts";
import { VirtualCard } from "./virtual/virtual-card.ts";

/** The reader's end of the protocol, with one card on it, as the sandbox serves it. */
const card = new VirtualCard(createCard(testContents()), { persist: () => undefined });
let session = 0;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const [status, body] = answer(`${request.method} ${request.url}`, await bodyOf(request));
    response.writeHead(status, { "content-type": "application/json" }).end(body && JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

function answer(route: string, body: string): [number, object?] {
  if (route === "POST /reader/hanako/session") {
    card.powerOn();
    return [201, { session: `s${++session}`, atr: toHex(card.atr) }];
  }
  if (route === "POST /reader/odd/session") return [201, { session: 5 }];
  if (route === `DELETE /reader/sessions/s${session}`) {
    session++;
    return [204];
  }
  if (route !== `POST /reader/sessions/s${session}/apdu`) {
    return route.startsWith("POST /reader/sessions/") ? [410, { code: "CARD_LOST" }] : [404];
  }
  return [200, { response: toHex(card.transmit(fromHex(JSON.parse(body).apdu)!)) }];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

test("a card on the HTTP reader answers like one in the hand", async () => {
  const connection = await new HttpCardReader(`${url}/`).connect("hanako");
  expect(toHex(connection.atr)).toBe("3be000ff8131fe4514");
  const jpki = await JpkiApplication.select(connection);
  await jpki.verifyPin("authentication", "1234");
  expect(await jpki.sign("authentication", new Uint8Array(1))).toHaveLength(256);
  await connection.close();
  await expect(jpki.triesLeft("authentication")).rejects.toMatchObject({ code: "CARD_LOST" });
});

test("a second session takes the card from the first", async () => {
  const reader = new HttpCardReader(url);
  const first = await JpkiApplication.select(await reader.connect("hanako"));
  const second = await JpkiApplication.select(await reader.connect("hanako"));
  await expect(first.triesLeft("signature")).rejects.toMatchObject({ code: "CARD_LOST" });
  expect(await second.triesLeft("signature")).toBe(5);
});

test("an unknown resident and a silent sandbox are READER_UNAVAILABLE", async () => {
  const unavailable = { code: "READER_UNAVAILABLE" };
  await expect(new HttpCardReader(url).connect("../nobody")).rejects.toMatchObject(unavailable);
  await expect(new HttpCardReader("http://127.0.0.1:1").connect("hanako")).rejects.toMatchObject(unavailable);
});

test.each([
  ["no JSON", "hello"],
  ["no object", "null"],
  ["no response", "{}"],
  ["a response that is not hexadecimal", '{"response":"90 00"}'],
  ["a response without end", `{"response":"${"00".repeat(80_000)}"}`],
])("an answer with %s is MALFORMED_RESPONSE", async (_, body) => {
  const fetch = async (_url: unknown, init?: RequestInit) =>
    init?.body ? new Response(body) : Response.json({ session: "s", atr: "3b00" }, { status: 201 });
  const connection = await new HttpCardReader(url, { fetch: fetch as typeof globalThis.fetch }).connect("hanako");
  await expect(connection.transmit(Uint8Array.of(0, 0xa4, 4, 12))).rejects.toMatchObject({
    code: "MALFORMED_RESPONSE",
  });
});

test("a session of another form than promised is MALFORMED_RESPONSE", async () => {
  await expect(new HttpCardReader(url).connect("odd")).rejects.toMatchObject({ code: "MALFORMED_RESPONSE" });
});
