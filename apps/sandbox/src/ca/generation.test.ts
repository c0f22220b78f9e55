import { X509Certificate } from "node:crypto";
import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certificateOnCard, certificatesOfPerson } from "../store/certificates.ts";
import { startTestWorld, type TestWorld } from "../test-world.ts";
import { generation, generationAt, generationsAt } from "./generation.ts";

let now = new Date("2026-11-24T03:00:00Z");
let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld(() => now);
});
afterAll(() => sandbox.close());

test("a generation begins every four years and lives for ten, to the end of a day in Japan", () => {
  expect(generation(1)).toEqual({
    number: 1,
    notBefore: new Date("2015-10-20T01:00:37Z"),
    notAfter: new Date("2025-10-19T14:59:59Z"),
  });
  expect(generation(3).notBefore).toEqual(new Date("2023-10-20T01:00:37Z"));
});

test("the newest generation that has begun issues, from its first second on", () => {
  const { notBefore } = generation(3);
  expect(generationAt(notBefore).number).toBe(3);
  expect(generationAt(new Date(notBefore.getTime() - 1000)).number).toBe(2);
  expect(generationAt(new Date("2001-01-01T00:00:00Z")).number).toBe(1);
});

test("generations overlap: two or three are valid at any time", () => {
  const numbers = (time: string) => generationsAt(new Date(time)).map(({ number }) => number);
  expect(numbers("2025-10-19T14:59:59Z")).toEqual([1, 2, 3]);
  expect(numbers("2025-10-19T15:00:00Z")).toEqual([2, 3]);
  expect(numbers("2016-01-01T00:00:00Z")).toEqual([1]);
});

test("what was issued years ago is under the generation of that time, with the same name and another key", async () => {
  const { authorities, database } = sandbox.world;
  const { id } = await sandbox.register("certificate-expired");
  const old = certificateOnCard(certificatesOfPerson(database, id), "signature")!;
  const [second, third] = authorities.generations("signature");
  expect([old.generation, second!.generation, third!.generation]).toEqual([2, 2, 3]);
  expect(second!.keyIdentifier).not.toBe(third!.keyIdentifier);
  expect(Buffer.from(old.der!).includes(Buffer.from(second!.keyIdentifier, "hex"))).toBe(true);
  expect(Buffer.from(old.der!).includes(Buffer.from(third!.keyIdentifier, "hex"))).toBe(false);
});

test("when the clock passes the beginning of a generation, it is made, and the next certificate comes from it", async () => {
  const { id } = await sandbox.register("default");
  const issuerOnCard = async () => {
    const jpki = await JpkiApplication.select(await new HttpCardReader(sandbox.url).connect(id));
    const issuer = new X509Certificate(await jpki.readCertificate("authentication-ca"));
    const certificate = new X509Certificate(await jpki.readCertificate("authentication"));
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    return issuer.fingerprint256;
  };
  const before = await issuerOnCard();
  const generationOnCard = () =>
    certificateOnCard(certificatesOfPerson(sandbox.world.database, id), "authentication")!.generation;
  expect(generationOnCard()).toBe(3);
  now = new Date("2027-10-20T01:00:37Z");
  await sandbox.happen(id, { type: "reissue-certificates" });
  expect(generationOnCard()).toBe(4);
  expect(await issuerOnCard()).not.toBe(before);
  const files = await (await fetch(`${sandbox.url}/jpki/ca/authentication.pem`)).text();
  expect(files.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
});
