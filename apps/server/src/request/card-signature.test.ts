import { createHash } from "node:crypto";
import {
  type ApprovalStatement,
  approvalType,
  type CardSignature,
  contentDigest,
  type RequestDisplay,
  signJws,
  toBase64url,
} from "@xid/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEvidence } from "../evidence/record.ts";
import { type Resident, refusalOf, type TestDevice, TestWorld } from "../test-world.ts";
import { CardSignatureResult } from "./act/card-signature.ts";
import { approveRequest } from "./approve.ts";
import { readRequest } from "./engine.ts";
import { openResult } from "./result.ts";

const text = "預金契約書\n第1条(目的) …";
const digest = createHash("sha256").update(text).digest("base64url");

describe("a request for a signature by the card", () => {
  let world: TestWorld;
  let device: TestDevice;
  let resident: Resident;

  beforeAll(async () => {
    world = await TestWorld.start();
    ({ device, resident } = await world.enrolled());
  });
  afterAll(() => world.close());

  async function open(document: Parameters<TestWorld["signatureRequest"]>[0] = { text }) {
    const request = await world.signatureRequest(document);
    return { request, display: await device.open(request) };
  }

  const statementOf = (display: RequestDisplay) => ({
    kind: "card_signature" as const,
    requestId: display.requestId,
    clientId: display.client.clientId,
    displayDigest: contentDigest(display),
    items: [],
    userVerification: "app_pin" as const,
    time: Math.floor(Date.now() / 1000),
  });
  const sha256 = (signature: string) => createHash("sha256").update(signature, "base64url").digest("base64url");

  /** An approval as no wallet makes it. */
  async function approve({ requestId }: RequestDisplay, statement: ApprovalStatement, card?: CardSignature) {
    const header = { typ: approvalType, kid: `${device.ids.accountId}.${device.ids.deviceId}` };
    const approval = await signJws(header, statement, device.keys.authentication);
    return approveRequest(world.platform, device.asDevice, requestId, { approval, ...(card && { card }) });
  }

  it("shows the text and its digest, and keeps the text sealed", async () => {
    const { request, display } = await open();
    expect(display).toMatchObject({
      kind: "card_signature",
      signature: { document: { form: "text", text, digest }, display: { layout: "contract" } },
    });
    const row = await world.platform.database
      .selectFrom("requests")
      .selectAll()
      .where("request_id", "=", request.requestId)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain("預金契約書\\n");
    expect(row.document_sealed!.includes(Buffer.from("第1条"))).toBe(false);
  });

  it.each<[string, Parameters<TestWorld["signatureRequest"]>[0]]>([
    ["a text", { text }],
    ["a file of which there is the digest", { digest, name: "契約書.pdf", size: 1234 }],
    ["a file that was sent", { data: toBase64url(Buffer.from(text)), name: "契約書.txt" }],
  ])("is completed with the signature over %s, once, and leaves evidence", async (_, document) => {
    const { request, display } = await open(document);
    const card = await device.signWithCard(display, resident);
    const decision = await device.client.approveRequest(display, [], "app_pin", { card });
    expect(await device.client.approveRequest(display, [], "app_pin", { card })).toEqual(decision);
    const signed = (await readRequest(world.platform, request.requestId))!;
    expect(signed.state).toBe("approved");
    expect(openResult(world.platform, signed, CardSignatureResult)!.signature).toBe(
      Buffer.from(card.signature, "base64url").toString("base64"),
    );
    const row = await world.platform.database
      .selectFrom("evidence")
      .selectAll()
      .where("evidence_id", "=", signed.evidenceId)
      .executeTakeFirstOrThrow();
    const record = JSON.parse(readEvidence(world.platform, row).record.toString());
    expect(record).toMatchObject({ kind: "card_signature", cardSignature: card.signature, shown: display });
  });

  it("is not approved without the card", async () => {
    const { display } = await open();
    const statement: ApprovalStatement = { ...statementOf(display), signatureDigest: digest };
    await expect(approve(display, statement)).rejects.toMatchObject({ code: "GIVEN_MISMATCH" });
  });

  it("is not approved as if it were a sign-in", async () => {
    const { display } = await open();
    const asSignIn = { ...display, kind: "sign_in" } as RequestDisplay;
    expect(await refusalOf(device.client.approveRequest(asSignIn, [], "app_pin"))).toBe("DISPLAY_MISMATCH");
  });

  it("does not take the card's signature over something else", async () => {
    const other = await open({ text: "another text" });
    const { display } = await open();
    const card = await device.signWithCard(other.display, resident);
    expect(await refusalOf(device.client.approveRequest(display, [], "app_pin", { card }))).toBe("SIGNATURE_INVALID");
  });

  it("does not take another signature than the one that the device approved", async () => {
    const { display } = await open();
    const other = await device.signWithCard((await open({ text: "another text" })).display, resident);
    const card = await device.signWithCard(display, resident);
    const statement: ApprovalStatement = { ...statementOf(display), signatureDigest: sha256(other.signature) };
    const attempt = approve(display, statement, card);
    await expect(attempt).rejects.toMatchObject({ code: "GIVEN_MISMATCH" });
    expect((await readRequest(world.platform, display.requestId))!.state).toBe("opened");
  });

  it("does not take a signature that is no base64url, and says so", async () => {
    const { display } = await open();
    const card = await device.signWithCard(display, resident);
    const statement: ApprovalStatement = { ...statementOf(display), signatureDigest: sha256(card.signature) };
    const attempt = approve(display, statement, { ...card, signature: `${card.signature}AAA` });
    await expect(attempt).rejects.toMatchObject({ code: "GIVEN_MISMATCH" });
  });

  it("answers the same approval again as before, and no other signature of the card", async () => {
    const { display } = await open();
    const card = await device.signWithCard(display, resident);
    const statement: ApprovalStatement = { ...statementOf(display), signatureDigest: sha256(card.signature) };
    const first = await approve(display, statement, card);
    expect(await approve(display, statement, card)).toEqual(first);
    const other: ApprovalStatement = { ...statement, signatureDigest: digest };
    await expect(approve(display, other, card)).rejects.toMatchObject({ code: "WRONG_STATE" });
  });

  it("does not take the card of somebody else, enrolled or not", async () => {
    const [{ resident: enrolled }, stranger] = [await world.enrolled(), await world.resident()];
    for (const person of [enrolled, stranger]) {
      const { display } = await open();
      const card = await device.signWithCard(display, person);
      expect(await refusalOf(device.client.approveRequest(display, [], "app_pin", { card }))).toBe("OTHER_PERSON");
    }
  });

  it("does not take a card whose certificate was revoked after the request was opened", async () => {
    const { device: phone, resident: person } = await world.enrolled();
    const request = await world.signatureRequest({ text });
    const display = await phone.open(request);
    const card = await phone.signWithCard(display, person);
    await world.happens(person, { type: "revoke" });
    expect(await refusalOf(phone.client.approveRequest(display, [], "app_pin", { card }))).toBe("CERTIFICATE_REVOKED");
  });

  it("does not take a card where nothing was to be signed", async () => {
    const { display } = await open();
    const card = await device.signWithCard(display, resident);
    const signIn = await device.open(await world.request());
    const items = signIn.items.map(({ name }) => name);
    expect(await refusalOf(device.client.approveRequest(signIn, items, "app_pin", { card }))).toBe("SIGNATURE_INVALID");
  });
});
