import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openssl, opensslMissing, startTestWorld, type TestWorld } from "../test-world.ts";
import { timestampPolicy } from "./timestamp-response.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
});
afterAll(() => sandbox.close());

const path = (name: string) => join(sandbox.directory, name);

async function download(name: string, address: string): Promise<string> {
  const response = await fetch(`${sandbox.url}${address}`);
  return sandbox.file(name, new Uint8Array(await response.arrayBuffer()));
}

async function ask(...parameters: string[]): Promise<{ type: string | null; text: string; response: string }> {
  openssl(
    "ts",
    "-query",
    "-data",
    sandbox.file("content", Buffer.from("契約書")),
    "-out",
    path("asked.tsq"),
    ...parameters,
  );
  return send(readFileSync(path("asked.tsq")));
}

async function send(body: Uint8Array): Promise<{ type: string | null; text: string; response: string }> {
  const headers = { "content-type": "application/timestamp-query" };
  const answer = await fetch(`${sandbox.url}/tsa`, { method: "POST", headers, body: Buffer.from(body) });
  const response = path("answer.tsr");
  writeFileSync(response, Buffer.from(await answer.arrayBuffer()));
  const text = openssl("ts", "-reply", "-in", response, "-text");
  return { type: answer.headers.get("content-type"), text, response };
}

const at = () => String(Math.floor(sandbox.world.clock().getTime() / 1000));

describe.skipIf(opensslMissing)("time stamps", () => {
  test.each(["-sha256", "-sha384", "-sha512"])(
    "over %s are verified by OpenSSL, with nonce and certificate",
    async (hash) => {
      const { type, text, response } = await ask(hash, "-cert");
      expect(type).toBe("application/timestamp-reply");
      expect(text).toContain("Status: Granted.");
      expect(text).toContain(`Policy OID: ${timestampPolicy}`);
      const roots = await download("roots.pem", "/tsa/ca.pem");
      const said = openssl(
        "ts",
        "-verify",
        "-in",
        response,
        "-queryfile",
        path("asked.tsq"),
        "-CAfile",
        roots,
        "-attime",
        at(),
      );
      expect(said).toContain("Verification: OK");
    },
  );

  test("are at the time of the simulated Japan, also after it moved, and by a new authority a year later", async () => {
    const before = await ask("-sha256", "-cert");
    await sandbox.post("/api/clock", { by: "P2Y" });
    const { text, response } = await ask("-sha256", "-cert");
    const year = sandbox.world.clock().getUTCFullYear();
    expect(text).toMatch(new RegExp(`Time stamp: .* ${year} GMT`));
    const roots = await download("roots.pem", "/tsa/ca.pem");
    expect(readFileSync(roots, "utf8").match(/BEGIN/g)).toHaveLength(2);
    const trust = ["-queryfile", path("asked.tsq"), "-CAfile", roots, "-attime", at()];
    expect(openssl("ts", "-verify", "-in", response, ...trust)).toContain("Verification: OK");
    expect(before.text).not.toContain(`${year} GMT`);
  });

  test("come without the certificate when it is not asked for", async () => {
    const { response } = await ask("-sha256");
    openssl("ts", "-reply", "-in", response, "-token_out", "-out", path("token.der"));
    expect(openssl("pkcs7", "-inform", "DER", "-in", path("token.der"), "-print_certs")).not.toContain("BEGIN");
  });

  test("are refused with the reason", async () => {
    expect((await ask("-sha1")).text).toContain("unrecognized or unsupported algorithm identifier");
    expect((await ask("-sha256", "-tspolicy", "1.2.3")).text).toContain("policy is not supported");
    expect((await send(Buffer.from("no request"))).text).toContain("the data submitted has the wrong format");
    const headers = { "content-type": "application/timestamp-query" };
    const tooLong = await fetch(`${sandbox.url}/tsa`, { method: "POST", headers, body: Buffer.alloc(8193) });
    expect(tooLong.status).toBe(413);
  });

  test("come with a revocation list of their root, on which is nobody", async () => {
    const list = await download("ca.crl", "/tsa/ca.crl");
    const roots = await download("roots.pem", "/tsa/ca.pem");
    const text = openssl("crl", "-inform", "DER", "-in", list, "-CAfile", roots, "-noout", "-text");
    expect(text).toContain("No Revoked Certificates");
    expect(text).toContain("O = SIM-TSA");
  });
});
