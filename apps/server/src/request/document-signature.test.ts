import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyCms } from "@xid/pki";
import { hasTool, runTool, testPdf } from "@xid/pki/testing";
import {
  approvalType,
  contentDigest,
  type ProtocolError,
  type Seal,
  type SignatureLevel,
  type SigningDisplay,
  type SigningPlan,
  signJws,
  toBase64url,
} from "@xid/protocol";
import type { WalletClient } from "@xid/protocol/wallet-client";
import { compactVerify, importX509 } from "jose";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteDocument } from "../document/delete-document.ts";
import { readDocument } from "../document/document.ts";
import { readContent } from "../document/document-content.ts";
import { planSigning } from "../document/plan-signing.ts";
import { storeDocument } from "../document/store-document.ts";
import { nobody, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { DocumentSignatureResult } from "./act/document-signature.ts";
import { approveRequest } from "./approve.ts";
import { readRequest } from "./engine.ts";
import { openResult } from "./result.ts";
import type { SigningOrder } from "./signing-order.ts";

const text = (ja: string, en = "x") => ({ ja, en });
const layout = {
  layout: "contract",
  title: text("預金契約書"),
  counterparty: text("テスト銀行"),
  amount: 1_000_000,
} as const;
const clientId = "bank";
const folder = mkdtempSync(join(tmpdir(), "xid-signing-"));
const pem = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;

describe("a request for a signature by the device's key", () => {
  let world: TestWorld;
  let device: TestDevice;
  beforeAll(async () => {
    world = await TestWorld.start();
    ({ device } = await world.enrolled());
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true });
  });

  const store = (pdf = testPdf()) =>
    storeDocument(world.platform, { clientId, documentId: randomUUID(), name: "契約書.pdf", pdf, days: 7 });
  const plan = (documentId: string, { level = "B-T", order = "serial", signers = [{}] }: Partial<SigningPlan>) =>
    planSigning(world.platform, { clientId, documentId }, { level, order, signers });
  const pdfSigning = (documentId: string, position = 1, level: SignatureLevel = "B-T"): SigningOrder => ({
    format: "pdf",
    level,
    layout,
    document: { form: "pdf", documentId, position },
  });
  const content = async (documentId: string) =>
    readContent(world.platform, await readDocument(world.platform, { clientId, documentId }));
  const result = async (requestId: string) =>
    openResult(world.platform, (await readRequest(world.platform, requestId))!, DocumentSignatureResult)!;
  const write = (name: string, bytes: Uint8Array | string) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it.each<[SignatureLevel, number]>([
    ["B-B", 1],
    ["B-T", 1],
    ["B-LT", 1],
    ["B-LTA", 2],
  ])("signs a PDF at level %s, and what was handed in stays as it was", async (level, count) => {
    const pdf = testPdf(`Level ${level}`);
    const { documentId } = await store(pdf);
    await plan(documentId, { level });
    const request = await world.documentRequest(pdfSigning(documentId, 1, level));
    const display = await device.signDocument(request);
    expect(display.signing.document).toMatchObject({ name: "契約書.pdf", pages: 1, size: pdf.length, seal: null });
    const signed = await content(documentId);
    expect(signed.subarray(0, pdf.length).equals(pdf)).toBe(true);
    const { report, signers } = await readDocument(world.platform, { clientId, documentId });
    expect(report!.signatures).toHaveLength(count);
    for (const { indication } of report!.signatures) expect(indication).toBe("TOTAL_PASSED");
    expect(report!.signatures[0]!.timestampedAt !== null).toBe(level !== "B-B");
    expect(signers[0]).toMatchObject({ requestId: request.requestId, signedAt: expect.any(Date) });
    if (hasTool("pdfsig")) {
      const { said } = runTool(folder, "pdfsig", ["-nocert", write(`${level}.pdf`, signed)]);
      // It does not verify document time stamps.
      expect(said.match(/Signature is Valid/g)).toHaveLength(1);
      if (level === "B-B" || level === "B-T") expect(said).toContain("Total document signed");
    }
    if (hasTool("qpdf")) expect(runTool(folder, "qpdf", ["--check", write(`${level}.pdf`, signed)]).status).toBe(0);
  });

  it("keeps payee, account and the names of files sealed", async () => {
    const transfer = { layout: "transfer", payee: text("山田花子"), account: text("普通 7654321"), amount: 1 } as const;
    const digest = createHash("sha256").update("x").digest("base64url");
    const document = { form: "data", algorithm: "sha-256", digest, name: "山田花子様.pdf", size: 1 } as const;
    const { requestId } = await world.documentRequest({ format: "cms", level: "B-B", layout: transfer, document });
    const { rows } = await sql<{ row: string }>`
      SELECT requests::text AS row FROM requests WHERE request_id = ${requestId}`.execute(world.platform.database);
    expect(rows[0]!.row).not.toMatch(/山田花子|7654321/);
    const { signing } = await device.signDocument({ requestId });
    expect(signing).toMatchObject({ layout: transfer, document });
  });

  it("shows a seal in a place that the file had before anybody signed", async () => {
    const { documentId } = await store();
    const seal = { page: 1, rectangle: [300, 60, 520, 120], reason: "承認" } satisfies Seal;
    const planned = await plan(documentId, { signers: [{ seal }] });
    const display = await device.signDocument(await world.documentRequest(pdfSigning(documentId)));
    expect(display.signing.document).toMatchObject({ size: planned.size, seal });
    expect(planned.size).toBeGreaterThan(planned.original.size);
    const [only] = (await readDocument(world.platform, { clientId, documentId })).report!.signatures;
    expect(only).toMatchObject({ fieldName: "xID-1", indication: "TOTAL_PASSED" });
  });

  it("is signed by several, each over what the others did before, in the order that was planned", async () => {
    const { device: second } = await world.enrolled();
    const { documentId } = await store();
    const seals = [300, 410].map((left): Seal => ({ page: 1, rectangle: [left, 60, left + 100, 120] }));
    await plan(documentId, { level: "B-LT", signers: seals.map((seal) => ({ seal })) });
    const later = await world.documentRequest(pdfSigning(documentId, 2, "B-LT"));
    expect(await refusalOf(second.open(later))).toBe("SIGNER_NOT_YET");
    await device.signDocument(await world.documentRequest(pdfSigning(documentId, 1, "B-LT")));
    expect(await refusalOf(device.open(await world.documentRequest(pdfSigning(documentId, 1, "B-LT"))))).toBe(
      "SIGNER_UNKNOWN",
    );
    const display = await second.signDocument(later);
    expect(display.signing.document).toMatchObject({ signer: { position: 2, of: 2 }, signedBefore: 1 });
    const { report } = await readDocument(world.platform, { clientId, documentId });
    expect(report!.signatures.map(({ fieldName, indication }) => [fieldName, indication])).toEqual([
      ["xID-1", "TOTAL_PASSED"],
      ["xID-2", "TOTAL_PASSED"],
    ]);
    const signed = await content(documentId);
    if (hasTool("pdfsig")) {
      const { said } = runTool(folder, "pdfsig", ["-nocert", write("two.pdf", signed)]);
      expect(said.match(/Signature is Valid/g)).toHaveLength(2);
    }
  });

  it("is signed in any order by people at once, none of whom signs what they did not see", async () => {
    const { device: second } = await world.enrolled();
    const { documentId } = await store();
    await plan(documentId, { order: "any", signers: [{}, {}] });
    const requests = await Promise.all(
      [2, 1].map((position) => world.documentRequest(pdfSigning(documentId, position))),
    );
    const attempts = [device, second].map(async (one, index) => {
      const display = (await one.open(requests[index]!)) as SigningDisplay;
      const file = await one.client.openDocument(display);
      const document = await one.client.signDocument(display, file);
      return { one, index, display, document };
    });
    const ready = await Promise.all(attempts);
    const answers = await Promise.all(
      ready.map(({ one, display, document }) =>
        one.client.approveRequest(display, [], "app_pin", { document }).then(
          () => "signed",
          (error: ProtocolError) => error.problem?.code,
        ),
      ),
    );
    expect(answers.toSorted()).toEqual(["DOCUMENT_CHANGED", "signed"]);
    const { one, index } = ready[answers.indexOf("DOCUMENT_CHANGED")]!;
    await one.signDocument(requests[index]!);
    const { report, signers } = await readDocument(world.platform, { clientId, documentId });
    expect(report!.signatures.map(({ indication }) => indication)).toEqual(["TOTAL_PASSED", "TOTAL_PASSED"]);
    expect(signers.every(({ signedAt }) => signedAt)).toBe(true);
  });

  it("is opened by nobody but the person it is for, where there is one", async () => {
    const { documentId } = await store();
    const { accountId } = device.ids;
    const subject = {
      subject: `sub-${documentId}`,
      sector: "bank.example",
      account_id: accountId,
      created_at: new Date(),
    };
    await world.platform.database.insertInto("subjects").values(subject).execute();
    await plan(documentId, { signers: [{ sub: subject.subject }] });
    const request = await world.documentRequest(pdfSigning(documentId));
    const { device: stranger } = await world.enrolled();
    expect(await refusalOf(stranger.open(request))).toBe("SIGNER_MISMATCH");
    await device.signDocument(request);
  });

  it("is signed by nobody whose place was given to another person, or made one of several, since they looked", async () => {
    for (const changed of [[{ sub: "somebody else" }], [{}, {}]]) {
      const { documentId } = await store();
      const request = await world.documentRequest(pdfSigning(documentId));
      const display = (await device.open(request)) as SigningDisplay;
      const document = await device.client.signDocument(display, await device.client.openDocument(display));
      await plan(documentId, { signers: changed });
      const refused = await refusalOf(device.client.approveRequest(display, [], "app_pin", { document }));
      expect(refused).toBe(changed.length === 1 ? "SIGNER_MISMATCH" : "DOCUMENT_CHANGED");
      expect((await readDocument(world.platform, { clientId, documentId })).report).toBeNull();
    }
  });

  it("leaves nothing signed while the time-stamping authority is down, and signs once it is back", async () => {
    const { documentId } = await store();
    const request = await world.documentRequest(pdfSigning(documentId));
    const down = await world.beside({ XID_TSA_URL: `${nobody}/tsa`, XID_TSA_CRL_URL: `${nobody}/tsa/ca.crl` });
    const elsewhere = world.same(device, down);
    const display = (await elsewhere.client.openRequest(request.requestId, { via: "link" })) as SigningDisplay;
    const document = await device.client.signDocument(display, await device.client.openDocument(display));
    const approve = (client: WalletClient) => client.approveRequest(display, [], "app_pin", { document });
    expect(await refusalOf(approve(elsewhere.client))).toBe("TIMESTAMP_UNAVAILABLE");
    expect((await readDocument(world.platform, { clientId, documentId })).report).toBeNull();
    expect(await approve(device.client)).toMatchObject({ state: "approved" });
    expect(await approve(device.client)).toMatchObject({ state: "approved" });
  });

  it("does not depend on the time-stamping authority where no time stamp is asked for", async () => {
    const nowhere = { XID_TSA_URL: "none" };
    const without = world.same(device, await world.beside(nowhere));
    const request = await world.documentRequest({ format: "cms", level: "B-B", layout, document: { form: "none" } });
    const display = (await without.client.openRequest(request.requestId, { via: "link" })) as SigningDisplay;
    const document = await without.client.signDocument(display);
    const approved = await without.client.approveRequest(display, [], "app_pin", { document });
    expect(approved).toMatchObject({ state: "approved" });
    const { documentId } = await store();
    const planned = planSigning(
      await world.beside(nowhere),
      { clientId, documentId },
      { level: "B-T", order: "any", signers: [{}] },
    );
    await expect(planned).rejects.toMatchObject({ code: "LEVEL_UNAVAILABLE" });
  });

  it("keeps the relying party's own data out: CMS over its digest, and over what was shown", async () => {
    const data = Buffer.from("申込データ");
    const digest = createHash("sha256").update(data).digest("base64url");
    const named = { form: "data", algorithm: "sha-256", digest, name: "data.bin", size: data.length } as const;
    for (const [document, level] of [
      [named, "B-T"],
      [{ form: "none" }, "B-B"],
    ] as const) {
      const request = await world.documentRequest({ format: "cms", level, layout, document });
      const display = await device.signDocument(request);
      const { cms, content: rendered, report } = await result(request.requestId);
      const shown = Buffer.from(rendered, "base64");
      expect(JSON.parse(shown.toString("utf8"))).toMatchObject({ layout: display.signing.layout, document });
      expect(report.signatures[0]!.timestampedAt !== null).toBe(level === "B-T");
      const parameters = [
        ...["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any"],
        ...["-in", write("signature.p7s", Buffer.from(cms!, "base64"))],
        ...["-content", write("content", document.form === "data" ? data : shown)],
        ...[
          "-CAfile",
          write("root.pem", pem(world.platform.signingAuthority.chain[1].der)),
          "-out",
          join(folder, "out"),
        ],
      ];
      const { said, status } = runTool(folder, "openssl", parameters);
      expect(said).toContain("CAdES Verification successful");
      expect(status).toBe(0);
    }
  });

  it("makes a CMS signature that gpgsm and certtool take too, with a time stamp that OpenSSL verifies", async () => {
    const request = await world.documentRequest({ format: "cms", level: "B-T", layout, document: { form: "none" } });
    await device.signDocument(request);
    const { cms, content: rendered } = await result(request.requestId);
    const [issuing, root] = world.platform.signingAuthority.chain;
    write("signature.p7s", Buffer.from(cms!, "base64"));
    write("content", Buffer.from(rendered, "base64"));
    write("chain.pem", pem(issuing.der) + pem(root.der));
    if (hasTool("certtool")) {
      const parameters = ["--p7-verify", "--inder", "--infile", "signature.p7s", "--load-data", "content"];
      const { said } = runTool(folder, "certtool", [...parameters, "--load-ca-certificate", "chain.pem"]);
      expect(said).toContain("Signature status: ok");
    }
    if (hasTool("gpgsm")) {
      const home = join(folder, "gnupg");
      mkdirSync(home, { mode: 0o700, recursive: true });
      const fingerprint = createHash("sha1").update(root.der).digest("hex").toUpperCase();
      writeFileSync(join(home, "trustlist.txt"), `${fingerprint} S relax\n`);
      const gpgsm = (...parameters: string[]) =>
        runTool(folder, "gpgsm", ["--homedir", home, "--batch", ...parameters]);
      gpgsm("--import", "chain.pem");
      const { said } = gpgsm("--disable-crl-checks", "--verify", "signature.p7s", "content");
      expect(said).toContain("Good signature from");
      runTool(folder, "gpgconf", ["--homedir", home, "--kill", "all"]);
    }
    const { signers } = verifyCms(Buffer.from(cms!, "base64"), { content: Buffer.from(rendered, "base64") });
    write("token.der", signers[0]!.timestamps[0]!);
    write("stamped", signers[0]!.signature);
    write("tsa.pem", await (await fetch(`${world.sandboxUrl}/tsa/ca.pem`)).text());
    const verifying = ["-token_in", "-in", "token.der", "-data", "stamped", "-CAfile", "tsa.pem"];
    expect(runTool(folder, "openssl", ["ts", "-verify", ...verifying]).said).toContain("Verification: OK");
  });

  it.skipIf(!hasTool("jose"))("makes a JWS that another implementation verifies", async () => {
    const asked = { format: "jws", level: "B-B", layout, document: { form: "none" }, detached: false } as const;
    const request = await world.documentRequest(asked);
    await device.signDocument(request);
    const { jws } = await result(request.requestId);
    write("key.jwk", JSON.stringify({ ...device.keys.signing.publicJwk, alg: "ES256" }));
    write("signature.jws", jws!);
    expect(runTool(folder, "jose", ["jws", "ver", "-i", "signature.jws", "-k", "key.jwk"]).status).toBe(0);
    write(
      "spoilt.jws",
      jws!.replace(/.$/, (letter) => (letter === "A" ? "E" : "A")),
    );
    expect(runTool(folder, "jose", ["jws", "ver", "-i", "spoilt.jws", "-k", "key.jwk"]).status).not.toBe(0);
  });

  it.each(["sha-256", "sha-384", "sha-512"] as const)(
    "signs a JWS whose payload holds a %s digest and all that was shown",
    async (algorithm) => {
      const digest = createHash(algorithm.replace("-", "")).update("data").digest("base64url");
      const document = { form: "data", algorithm, digest, name: "data.bin", size: 4 } as const;
      const request = await world.documentRequest({ format: "jws", level: "B-B", layout, document, detached: false });
      await device.signDocument(request);
      const { jws, certificates, content: rendered } = await result(request.requestId);
      const key = await importX509(pem(Buffer.from(certificates[0]!, "base64")), "ES256");
      const { payload, protectedHeader } = await compactVerify(jws!, key);
      expect(Buffer.from(payload).toString("base64")).toBe(rendered);
      expect(protectedHeader.x5c![0]).toBe(certificates[0]);
      expect(JSON.parse(Buffer.from(payload).toString("utf8"))).toMatchObject({ document, layout });
    },
  );

  it("signs a JWS that is detached", async () => {
    const asked = { format: "jws", level: "B-B", layout, document: { form: "none" }, detached: true } as const;
    const request = await world.documentRequest(asked);
    await device.signDocument(request);
    const { jws, content: rendered, certificates } = await result(request.requestId);
    const [header, payload, signature] = jws!.split(".");
    expect(payload).toBe("");
    const key = await importX509(pem(Buffer.from(certificates[0]!, "base64")), "ES256");
    const attached = `${header}.${Buffer.from(rendered, "base64").toString("base64url")}.${signature}`;
    await expect(compactVerify(attached, key)).resolves.toBeDefined();
  });

  describe("is refused", () => {
    const open = async () => {
      const { documentId } = await store();
      const request = await world.documentRequest(pdfSigning(documentId));
      const display = (await device.open(request)) as SigningDisplay;
      const document = await device.client.signDocument(display, await device.client.openDocument(display));
      return { documentId, request, display, document };
    };
    const approve = (display: SigningDisplay, given: object) =>
      refusalOf(device.client.approveRequest(display, [], "app_pin", given));

    it("with a signature over something else", async () => {
      const [one, other] = [await open(), await open()];
      expect(await approve(one.display, { document: other.document })).toBe("SIGNATURE_INVALID");
    });

    it("with the signature of another key than the device's signing key", async () => {
      const { display } = await open();
      const bytes = Buffer.from(display.signing.toBeSigned, "base64url");
      const signature = toBase64url(await device.keys.authentication.sign(bytes));
      expect(await approve(display, { document: { signature } })).toBe("SIGNATURE_INVALID");
    });

    it("when the approval names another document or other octets", async () => {
      const { display, document } = await open();
      const { signing } = display;
      const about = signing.document as Extract<typeof signing.document, { form: "pdf" }>;
      const digest = createHash("sha256").update("another").digest("base64url");
      const spoilt = [
        { ...display, signing: { ...signing, document: { ...about, digest } } },
        { ...display, signing: { ...signing, toBeSigned: toBase64url(Buffer.from("others")) } },
      ];
      for (const one of spoilt) {
        const statement = {
          kind: "document_signature" as const,
          requestId: display.requestId,
          clientId: display.client.clientId,
          displayDigest: contentDigest(display),
          items: [],
          userVerification: "app_pin" as const,
          time: Math.floor(Date.now() / 1000),
          documentDigest: (one.signing.document as typeof about).digest,
          toBeSignedDigest: createHash("sha256").update(one.signing.toBeSigned, "base64url").digest("base64url"),
        };
        const header = { typ: approvalType, kid: `${device.ids.accountId}.${device.ids.deviceId}` };
        const approval = await signJws(header, statement, device.keys.authentication);
        const attempt = approveRequest(world.platform, device.asDevice, display.requestId, { approval, document });
        await expect(attempt).rejects.toMatchObject({ code: "GIVEN_MISMATCH" });
      }
    });

    it("where nothing was to be signed", async () => {
      const { document } = await open();
      const signIn = await device.open(await world.request());
      expect(await refusalOf(device.client.approveRequest(signIn, ["name"], "app_pin", { document }))).toBe(
        "SIGNATURE_INVALID",
      );
    });

    it("when the device's signing certificate was revoked since", async () => {
      const { device: phone } = await world.enrolled();
      const { documentId } = await store();
      const request = await world.documentRequest(pdfSigning(documentId));
      const display = (await phone.open(request)) as SigningDisplay;
      const document = await phone.client.signDocument(display, await phone.client.openDocument(display));
      await world.platform.database
        .updateTable("signing_certificates")
        .set({ revoked_at: new Date() })
        .where("device_id", "=", phone.ids.deviceId)
        .execute();
      expect(await refusalOf(phone.client.approveRequest(display, [], "app_pin", { document }))).toBe(
        "SIGNING_CERTIFICATE_UNUSABLE",
      );
      expect(await refusalOf(phone.open(request))).toBe("SIGNING_CERTIFICATE_UNUSABLE");
    });

    it("when the card's certificate was revoked since", async () => {
      const { device: phone, resident } = await world.enrolled();
      const { documentId } = await store();
      const request = await world.documentRequest(pdfSigning(documentId));
      const display = (await phone.open(request)) as SigningDisplay;
      const document = await phone.client.signDocument(display, await phone.client.openDocument(display));
      await world.happens(resident, { type: "revoke" });
      expect(await refusalOf(phone.client.approveRequest(display, [], "app_pin", { document }))).toBe(
        "CERTIFICATE_REVOKED",
      );
    });

    it("when the document is gone, and its file is shown to no other device", async () => {
      const { documentId, display, document } = await open();
      const { device: other } = await world.enrolled();
      expect(await refusalOf(other.client.openDocument(display))).toBe("NOT_FOUND");
      await deleteDocument(world.platform, { clientId, documentId });
      expect(await approve(display, { document })).toBe("NOT_FOUND");
      expect(await refusalOf(device.client.openDocument(display))).toBe("NOT_FOUND");
    });
  });
});
