import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../config.ts";
import { nobody, office, startSandbox } from "../test-world.ts";
import { JlisClient } from "./jlis-client.ts";

const asked = { kind: "signature", serial: "0a1b" } as const;
const links = {
  current: [{ kind: "signature", medium: "card", serial: "0a1b", status: "good" }],
  previous: [] as object[],
};
const answer = { answers: [links] };
const linksWith = (changed: object) => JSON.stringify({ answers: [{ ...links, ...changed }] });

describe("J-LIS", () => {
  let dataDirectory: string;
  let server: Server | undefined;
  beforeAll(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), "xid-jlis-"));
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });
  afterAll(() => rm(dataDirectory, { recursive: true }));

  const open = (jlisUrl: string, profile: "sandbox" | "production" = "sandbox") => {
    const config = readConfig({ XID_PROFILE: "sandbox", XID_DATA_DIR: dataDirectory });
    return JlisClient.open({ ...config, profile, jpki: { ...config.jpki, jlisUrl } });
  };

  /** A J-LIS that says whatever it likes. */
  async function answering(status: number, body: string): Promise<{ url: string; headers: IncomingHttpHeaders[] }> {
    const headers: IncomingHttpHeaders[] = [];
    server = createServer((request, response) => {
      headers.push(request.headers);
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, headers };
  }

  it("names a person's certificates, before and after a renewal", async () => {
    const sandboxUrl = await startSandbox();
    const resident = await office(sandboxUrl, "/api/people", { persona: "default" });
    const serialOf = ({ card }: typeof resident, kind: string) =>
      card.certificates.find((one) => one.kind === kind)!.serial;
    const renewed = await office(sandboxUrl, `/api/people/${resident.id}/events`, { type: "reissue-certificates" });
    const client = await open(`${sandboxUrl}/jlis/v1`);
    const old = serialOf(resident, "signature");
    expect(await client.links({ kind: "signature", serial: old })).toEqual({
      current: expect.arrayContaining([
        { kind: "signature", medium: "card", serial: serialOf(renewed, "signature"), status: "good" },
        { kind: "authentication", medium: "card", serial: serialOf(renewed, "authentication"), status: "good" },
      ]),
      previous: expect.arrayContaining([{ kind: "signature", medium: "card", serial: old }]),
    });
  });

  it("that never issued a serial number is said to be so", async () => {
    const client = await open(`${await startSandbox()}/jlis/v1`);
    await client.register();
    await expect(client.links({ kind: "signature", serial: "deadbeef" })).rejects.toMatchObject({
      code: "JLIS_UNKNOWN_SERIAL",
    });
  });

  it("is asked with a token of our key, for it alone, good for half a minute, each with its own id", async () => {
    const { url, headers } = await answering(200, JSON.stringify(answer));
    const client = await open(url);
    await Promise.all([client.links(asked), client.links(asked)]);
    const tokens = headers.map(({ authorization }) => authorization!.replace("Bearer ", ""));
    const [one, two] = tokens.map((token) => decodeJwt(token));
    expect(one).toMatchObject({ aud: url, iss: decodeProtectedHeader(tokens[0]!).kid });
    expect(one!.exp! - one!.iat!).toBe(30);
    expect(one!.jti).not.toBe(two!.jti);
  });

  it("keeps its key for us over a restart", async () => {
    const { url, headers } = await answering(200, JSON.stringify(answer));
    for (const client of [await open(url), await open(url)]) await client.links(asked);
    const [one, two] = headers.map(({ authorization }) => decodeJwt(authorization!.replace("Bearer ", "")).iss);
    expect(one).toBe(two);
  });

  it.each<[string, number, string]>([
    ["an error", 500, "{}"],
    ["a refusal", 403, "{}"],
    ["something else than JSON", 200, "<html>"],
    ["JSON of another form", 200, linksWith({ current: null })],
    ["no answer", 200, JSON.stringify({ answers: [] })],
    ["two answers to one question", 200, JSON.stringify({ answers: [links, links] })],
    ["another reason not to answer", 200, JSON.stringify({ answers: [{ refusal: "WEATHER" }] })],
    ["a medium that nobody knows", 200, JSON.stringify(answer).replace("card", "stone")],
    ["a status that nobody knows", 200, JSON.stringify(answer).replace("good", "fine")],
    ["a serial number that is none", 200, JSON.stringify(answer).replace("0a1b", "0A1B")],
    ["the links of somebody else", 200, JSON.stringify(answer).replace("0a1b", "0a1c")],
    [
      "more certificates than a person can have had",
      200,
      linksWith({ previous: Array(501).fill({ kind: "signature", medium: "card", serial: "01" }) }),
    ],
    ["an answer that is too long", 200, linksWith({ more: "x".repeat(70_000) })],
  ])("that gives %s has not answered", async (_, status, body) => {
    const client = await open((await answering(status, body)).url);
    await expect(client.links(asked)).rejects.toMatchObject({ name: "JpkiError", code: "JLIS_UNAVAILABLE" });
  });

  it("that cannot be reached has not answered", async () => {
    await expect((await open(nobody)).links(asked)).rejects.toMatchObject({ code: "JLIS_UNAVAILABLE" });
  });

  it("that does not know us is not told a new contract in production", async () => {
    const { url, headers } = await answering(401, "{}");
    await expect((await open(url, "production")).links(asked)).rejects.toMatchObject({ code: "JLIS_UNAVAILABLE" });
    expect(headers).toHaveLength(1);
  });

  describe("asked what has changed of many", () => {
    async function* two() {
      yield ["0a1b", "0a1c"];
    }
    const end = (changes: object = {}) => JSON.stringify({ mark: 7, asked: 2, changed: 1, ...changes });
    const line = JSON.stringify({ serial: "0a1b" });

    it("names those that may have, by and by, and where to go on", async () => {
      const client = await open((await answering(200, `${line}\n${end()}\n`)).url);
      const named: string[] = [];
      const answer = await client.changes(3, two(), async (serials) => void named.push(...serials));
      expect([named, answer]).toEqual([["0a1b"], { mark: 7, asked: 2, changed: 1 }]);
    });

    it("is asked about a hundred thousand at a time, and goes on from the first of the marks", async () => {
      const client = await open(`${await startSandbox()}/jlis/v1`);
      await client.register();
      async function* many() {
        for (let page = 0; page < 21; page++) {
          yield Array.from({ length: 10_000 }, (_, index) => (0x30000000 + page * 10_000 + index).toString(16));
        }
      }
      const calls = client.calls;
      const { mark, asked } = await client.changes(0, many(), async () => undefined);
      expect([asked, client.calls - calls]).toEqual([210_000, 3]);
      expect(mark).toBeLessThan(Number.POSITIVE_INFINITY);
    });

    it.each([
      ["that breaks off", line],
      ["that counts others than it names", `${line}\n${end({ changed: 2 })}`],
      ["about others than were asked for", `${line}\n${end({ asked: 1 })}`],
      ["that goes on after its end", `${end({ changed: 0 })}\n${line}`],
      ["of another form", `${JSON.stringify({ serial: "no serial" })}\n${end()}`],
      ["with a line that never ends", `{"serial":"${"0".repeat(1000)}`],
    ])("takes no answer %s", async (_, body) => {
      const client = await open((await answering(200, body)).url);
      await expect(client.changes(3, two(), async () => undefined)).rejects.toMatchObject({ code: "JLIS_UNAVAILABLE" });
    });
  });

  it("takes no answers about others than were asked about, nor fewer or more of them", async () => {
    const question = { kind: "signature", serial: "0a1b" } as const;
    const answers = (...of: object[]) => JSON.stringify({ answers: of });
    const good = { kind: "signature", serial: "0a1b", status: "good" };
    const refused = async (body: string) => {
      const client = await open((await answering(200, body)).url);
      server?.closeIdleConnections();
      await expect(client.statusOfMany([question])).rejects.toMatchObject({ code: "JLIS_UNAVAILABLE" });
      server?.close();
    };
    await refused(answers({ ...good, serial: "0a1c" }));
    await refused(answers());
    await refused(answers(good, good));
    await refused(answers({ refusal: "MALFORMED" }));
    const client = await open((await answering(200, answers(good))).url);
    expect(await client.statusOfMany([question])).toEqual([good]);
  });
});
