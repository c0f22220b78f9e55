import {
  type CardAuthority,
  IssuerDomain,
  parseCardAuthorities,
  parseCardFace,
  TextApplication,
  VisualApplication,
  verificationNumberB,
  verifyAgeRecord,
  verifyCardFace,
  verifyCardVerifiableCertificates,
  verifyMyNumberImage,
  verifyPresence,
  verifyPresenceKey,
  verifyText,
} from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCardIssuer } from "../store/card-issuer.ts";
import { readMyNumber } from "../store/people.ts";
import { startTestWorld, type TestWorld } from "../test-world.ts";

let sandbox: TestWorld;
let reader: HttpCardReader;
beforeAll(async () => {
  sandbox = await startTestWorld();
  reader = new HttpCardReader(sandbox.url);
});
afterAll(() => sandbox.close());

/** As a verifier gets them: from the sandbox, over HTTP. */
async function authorities(): Promise<CardAuthority[]> {
  const response = await fetch(`${sandbox.url}/reader/authorities`);
  return parseCardAuthorities(await response.json());
}

async function readText(id: string, pin: string) {
  const text = await TextApplication.select(await reader.connect(id));
  await text.verifyPin(pin);
  return { text, signed: await text.readSignedText({ myNumber: true, attributes: true }) };
}

test.each(["default", "long-foreign-name", "external-characters", "under-15"])(
  "all that the card of %s says is signed by its issuer",
  async (persona) => {
    const trusted = await authorities();
    const person = await sandbox.register(persona);
    const myNumber = readMyNumber(sandbox.world.database, person.id);
    const { text, signed } = await readText(person.id, person.pins.text);
    const verified = verifyText(signed, trusted);
    expect(verified.myNumber).toBe(myNumber);
    const challenge = crypto.getRandomValues(new Uint8Array(16));
    const presence = { presenceKey: await text.readPresenceKey(), certificate: signed.certificate };
    verifyPresence(verifyPresenceKey(presence, trusted), challenge, await text.provePresence(challenge));

    const card = await reader.connect(person.id);
    verifyCardVerifiableCertificates(await (await IssuerDomain.select(card)).certificates(), trusted);
    const visual = await VisualApplication.select(card);
    await visual.verifyNumber("A", myNumber);
    const file = await visual.readFace();
    const face = verifyCardFace(file, trusted);
    expect(face.birthdate).toBe(verified.attributes?.birthdate);
    verifyMyNumberImage(await visual.readMyNumberImage(), trusted);
    verifyPresence(face.presenceKey, challenge, await visual.provePresence(challenge));
    const birthNumber = verificationNumberB({ ...face, ...parseCardFace(file.file), securityCode: "0000" }).slice(0, 6);
    await visual.verifyNumber("birthdate", birthNumber);
    expect(verifyAgeRecord(await visual.readAgeRecord(), trusted).birthdate).toBe(face.birthdate);
  },
);

test("after a move the issuer signs the new attributes, on the chip's text and on the face", async () => {
  const trusted = await authorities();
  const person = await sandbox.register("default");
  const before = await readText(person.id, person.pins.text);
  const moved = await sandbox.happen(person.id, { type: "move" });
  const after = await readText(person.id, person.pins.text);
  expect(verifyText(after.signed, trusted).attributes?.address).toBe(moved.address);
  const mixed = { ...after.signed, record: before.signed.record };
  expect(() => verifyText(mixed, trusted)).toThrow(expect.objectContaining({ code: "NOT_AUTHENTIC" }));
});

test("the issuer is the same when the world is opened again", async () => {
  const { authorities: issued, draftAuthority } = openCardIssuer(sandbox.world.database)();
  expect([...issued, draftAuthority]).toEqual(await authorities());
});
