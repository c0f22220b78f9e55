import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { getRequestListener } from "@hono/node-server";
import { buildOcspRequest, type Certificate, parseCertificate, verifyCrl, verifyOcspResponse } from "@xid/pki";
import { fromBase64url } from "@xid/protocol";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../http/app.ts";
import type { Platform } from "../platform.ts";
import { type Resident, TestWorld } from "../test-world.ts";
import { caApi } from "./api.ts";

const run = promisify(execFile);

describe("the status of the platform's signing certificates", () => {
  let world: TestWorld;
  let server: Server;
  let url: string;
  let folder: string;
  let issuer: Certificate;
  let root: Certificate;

  beforeAll(async () => {
    world = await TestWorld.start();
    [issuer, root] = world.platform.signingAuthority.chain;
    server = createServer(getRequestListener(appOf(world.platform).fetch)).listen(0, "127.0.0.1");
    await once(server, "listening");
    // As the certificates name it, but for host and port.
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ca`;
    folder = await mkdtemp(join(tmpdir(), "xid-status-"));
    await writeFile(join(folder, "issuer.pem"), pem(issuer));
    await writeFile(join(folder, "root.pem"), pem(root));
  });
  afterAll(async () => {
    server.close();
    await world.close();
    await rm(folder, { recursive: true });
  });

  async function enrol(resident: Resident, otherDevices?: "replace" | "keep") {
    const device = world.device();
    const { signingCertificate } = await device.enrol(resident, otherDevices);
    return { device, certificate: parseCertificate(fromBase64url(signingCertificate)) };
  }
  const ask = async (body: Uint8Array, type = "application/ocsp-request") =>
    fetch(`${url}/ocsp`, { method: "POST", headers: { "content-type": type }, body: Buffer.from(body) });
  const status = async (certificate: Certificate) => {
    const nonce = crypto.getRandomValues(new Uint8Array(32));
    const response = await ask(buildOcspRequest({ certificate, issuer, nonce }));
    const der = Buffer.from(await response.arrayBuffer());
    return verifyOcspResponse(der, { certificate, issuer, nonce, time: new Date(), maxAge: 60 }).status;
  };
  /** Each time later than the list that was read before may be kept. */
  const listed = (certificate: Certificate) => {
    minutes += 6;
    return world.later(minutes * 60_000, async () => {
      const der = Buffer.from(await (await fetch(`${url}/signing.crl`)).arrayBuffer());
      return verifyCrl(der, { issuer, time: new Date(world.platform.clock()) }).status(certificate).status;
    });
  };
  let minutes = 0;

  it("is named in them", async () => {
    const { certificate } = await enrol(await world.resident());
    const text = certificate.der.toString("latin1");
    expect(text).toContain("http://localhost:4001/ca/ocsp");
    expect(text).toContain("http://localhost:4001/ca/signing.crl");
  });

  it("is good until the device is replaced, and that of the new device is good", async () => {
    const resident = await world.resident();
    const old = await enrol(resident);
    expect([await status(old.certificate), await listed(old.certificate)]).toEqual(["good", "good"]);
    const replacement = await enrol(resident, "replace");
    expect([await status(old.certificate), await listed(old.certificate)]).toEqual(["revoked", "revoked"]);
    expect([await status(replacement.certificate), await listed(replacement.certificate)]).toEqual(["good", "good"]);
  });

  it("stays good when another device is added", async () => {
    const resident = await world.resident();
    const first = await enrol(resident);
    await enrol(resident, "keep");
    expect(await status(first.certificate)).toBe("good");
  });

  it("ends when the same device reads its card again and gets a new one", async () => {
    const { device, resident } = await world.enrolled();
    const first = parseCertificate(fromBase64url((await device.enrol(resident)).signingCertificate));
    const second = parseCertificate(fromBase64url((await device.enrol(resident)).signingCertificate));
    expect([await status(first), await status(second)]).toEqual(["revoked", "good"]);
  });

  it("is unknown for what was never issued, and nobody's business for another authority", async () => {
    const { certificate } = await enrol(await world.resident());
    await world.platform.database
      .deleteFrom("signing_certificates")
      .where("serial_number", "=", certificate.serialNumber)
      .execute();
    expect(await status(certificate)).toBe("unknown");
    const foreign = await ask(buildOcspRequest({ certificate: issuer, issuer: root }));
    expect(Buffer.from(await foreign.arrayBuffer()).toString("hex")).toBe("30030a0106");
  });

  it("is answered to a request in a GET's path", async () => {
    const { certificate } = await enrol(await world.resident());
    const request = encodeURIComponent(Buffer.from(buildOcspRequest({ certificate, issuer })).toString("base64"));
    const response = await fetch(`${url}/ocsp/${request}`);
    expect(response.headers.get("content-type")).toBe("application/ocsp-response");
    const der = Buffer.from(await response.arrayBuffer());
    expect(verifyOcspResponse(der, { certificate, issuer, time: new Date(), maxAge: 60 }).status).toBe("good");
  });

  it.each<[string, Uint8Array, number]>([
    ["nothing", new Uint8Array(), 200],
    ["bytes", Buffer.from("request"), 200],
    ["too much", Buffer.alloc(4097), 413],
  ])("is not given for %s", async (_, body, expected) => {
    const response = await ask(body);
    expect(response.status).toBe(expected);
    if (expected === 200) expect(Buffer.from(await response.arrayBuffer()).toString("hex")).toBe("30030a0101");
  });

  it.skipIf(spawnSync("openssl", ["version"]).status !== 0)(
    "is accepted by openssl, from the responder and from the list",
    async () => {
      const resident = await world.resident();
      const old = await enrol(resident);
      const current = await enrol(resident, "replace");
      await writeFile(join(folder, "old.pem"), pem(old.certificate));
      await writeFile(join(folder, "current.pem"), pem(current.certificate));
      const inFolder = { cwd: folder };
      const chain = ["-issuer", "issuer.pem", "-CAfile", "root.pem"];
      const ocsp = await run(
        "openssl",
        ["ocsp", ...chain, "-cert", "old.pem", "-cert", "current.pem", "-url", `${url}/ocsp`],
        inFolder,
      );
      expect(ocsp.stderr).toContain("Response verify OK");
      expect(ocsp.stderr).not.toMatch(/WARNING|error/i);
      expect(ocsp.stdout).toMatch(/old\.pem: revoked[\s\S]*superseded[\s\S]*current\.pem: good/);

      const fresh = appOf(world.platform);
      const caller = { incoming: { socket: { remoteAddress: "127.0.0.1" }, headers: {} } };
      const list = await fresh.request("/ca/signing.crl", {}, caller);
      await writeFile(join(folder, "list.crl"), Buffer.from(await list.arrayBuffer()));
      const crl = await run(
        "openssl",
        ["crl", "-inform", "DER", "-in", "list.crl", "-CAfile", "issuer.pem", "-noout", "-text"],
        inFolder,
      );
      expect(crl.stderr).toContain("verify OK");
      expect(crl.stdout.toLowerCase().replace(/[:\s]/g, "")).toContain(`serialnumber${old.certificate.serial}`);
      expect(crl.stdout.toLowerCase()).not.toContain(current.certificate.serial);
    },
  );

  it("comes with the authority's own certificates", async () => {
    const text = await (await fetch(`${url}/signing.pem`)).text();
    expect(text).toBe(pem(issuer) + pem(root));
  });
});

function appOf(platform: Platform): Hono {
  const none = new Hono();
  return createApp(platform, {
    interaction: none,
    assets: none,
    walletApi: none,
    logApi: new Hono(),
    credentialApi: none,
    caApi: caApi(platform),
    relyingPartyApi: none,
  });
}

function pem(certificate: Certificate): string {
  const lines = certificate.der
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
