import { JpkiApplication } from "@xid/card";
import { HttpCardReader } from "@xid/card/http";
import { parseCertificate, parseJpkiSignatureCertificate, verifyCrl } from "@xid/pki";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Links, Status } from "../jlis/status.ts";
import { TestVerifier } from "../jlis/test-verifier.ts";
import type { Person } from "../people/present.ts";
import { isTaken } from "../store/people.ts";
import { codeOf, startTestWorld, type TestWorld } from "../test-world.ts";
import { foundTown } from "./found.ts";
import { Permutation } from "./permutation.ts";
import { Town, type TownCertificate } from "./town.ts";

const plan = { seed: 7, residents: 1000, foundedOn: "2026-11-24", firstSerial: 0x0400_0000 };
const town = new Town(plan);
const everybody = Array.from({ length: plan.residents }, (_, index) => index);
const everything = everybody.flatMap((index) => town.certificatesOf(index));

describe("what is computed", () => {
  test("the same seed gives the same town, and another one another", () => {
    expect(new Town({ ...plan }).certificatesOf(3)).toEqual(town.certificatesOf(3));
    expect(new Town({ ...plan, seed: 8 }).certificatesOf(3)).not.toEqual(town.certificatesOf(3));
  });

  test("a shuffling gives every number once, and knows the way back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(2 ** 31 - 1), (size, seed) => {
        const shuffled = new Permutation(size, seed);
        const all = Array.from({ length: size }, (_, index) => shuffled.at(index));
        expect(new Set(all).size).toBe(size);
        for (const [index, position] of all.entries()) expect(shuffled.indexOf(position)).toBe(index);
      }),
    );
  });

  test("a shuffling of the largest town stays exact", () => {
    const shuffled = new Permutation(2 ** 24 - 3, 2 ** 31 - 1);
    for (let index = 0; index < 2 ** 24 - 3; index += 9973) expect(shuffled.indexOf(shuffled.at(index))).toBe(index);
  });

  test("no serial number is given twice, and each is found again", () => {
    for (const kind of ["signature", "authentication"] as const) {
      const ofKind = everything.filter((certificate) => certificate.kind === kind);
      expect(new Set(ofKind.map(({ serial }) => serial)).size).toBe(ofKind.length);
    }
    for (const certificate of everything) {
      expect(town.findCertificate(certificate.kind, certificate.serial)).toEqual(certificate);
    }
  });

  test("serial numbers grow with the time of issue", () => {
    const inOrder = everything.toSorted((a, b) => a.serial - b.serial);
    for (const [index, { notBefore }] of inOrder.entries()) {
      if (index > 0) expect(notBefore >= inOrder[index - 1]!.notBefore).toBe(true);
    }
  });

  test("what is not held any more was revoked while it was valid, not before it was issued", () => {
    for (const { held, revocation, notBefore, notAfter } of everything) {
      expect(held || revocation !== undefined).toBe(true);
      if (!revocation) continue;
      expect(revocation.at >= notBefore && revocation.at < notAfter).toBe(true);
      expect(revocation.at < new Date("2026-11-24T00:00:00+09:00")).toBe(true);
    }
  });

  test("everyone holds one authentication certificate, and at most one signature certificate that ends no later", () => {
    for (const index of everybody) {
      const held = town.certificatesOf(index).filter((certificate) => certificate.held);
      const [authentication, ...more] = held.filter(({ kind }) => kind === "authentication");
      const [signature, ...others] = held.filter(({ kind }) => kind === "signature");
      expect([more, others]).toEqual([[], []]);
      if (signature) expect(signature.notAfter <= authentication!.notAfter).toBe(true);
    }
  });

  test("a signature certificate ends when its holder's name or address changes, and never the other", () => {
    const reasons = (kind: string) =>
      new Set(everything.filter((one) => one.kind === kind).map(({ revocation }) => revocation?.reason));
    expect(reasons("signature")).toContain("affiliationChanged");
    expect(reasons("authentication")).not.toContain("affiliationChanged");
    const replaced = everybody.flatMap((index) => {
      const signatures = town.certificatesOf(index).filter(({ kind }) => kind === "signature");
      return signatures.slice(1).map((next, before) => ({ before: signatures[before]!, next }));
    });
    const who = ({ attributes }: TownCertificate) => `${attributes.name} ${attributes.address}`;
    for (const { before, next } of replaced) {
      expect(before.revocation?.reason === "affiliationChanged").toBe(who(before) !== who(next));
    }
  });

  test("children have no signature certificate", () => {
    const birthdays = everything.filter(({ kind }) => kind === "signature");
    for (const { attributes, notBefore } of birthdays) {
      const fifteenth = `${Number(attributes.birthdate.slice(0, 4)) + 15}${attributes.birthdate.slice(4)}`;
      expect(fifteenth <= notBefore.toISOString().slice(0, 10)).toBe(true);
    }
    expect(birthdays.length).toBeLessThan(everything.length);
  });

  test("the lists of revoked ones are what the certificates say, of each generation and municipality", () => {
    for (const kind of ["signature", "authentication"] as const) {
      for (const generation of [2, 3]) {
        const said = everything.filter((one) => one.kind === kind && one.generation === generation && one.revocation);
        const listed = [...town.revoked(kind, generation)];
        expect(listed.map(({ serial }) => serial)).toEqual(said.map(({ serial }) => serial).toSorted((a, b) => a - b));
        const here = said.filter(({ municipality }) => municipality === "13112");
        expect([...town.revoked(kind, generation, "13112")]).toHaveLength(here.length);
      }
    }
  });

  test("residents are found by a part of their name or its reading, page by page", () => {
    const called = (text: string) => everybody.filter((index) => town.resident(index).name.includes(text));
    expect(town.find("佐藤", -1, 1000)).toEqual(called("佐藤"));
    const [first, second] = [town.find("藤", -1, 5), town.find("藤", town.find("藤", -1, 5).at(-1)!, 5)];
    expect([...first, ...second]).toEqual(called("藤").slice(0, 10));
    expect(town.find("サトウ\u3000", -1, 1000)).toEqual(called("佐藤"));
    expect(town.find("誰もいない", -1, 10)).toEqual([]);
  });
});

describe("in the simulation", () => {
  const now = new Date("2026-11-24T03:00:00Z");
  let sandbox: TestWorld;
  type Page = { residents: { id: string; name: string }[]; next?: string };
  const get = async (path: string) => (await fetch(`${sandbox.url}${path}`)).json();
  const found = (body: object) =>
    fetch(`${sandbox.url}/api/town`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  beforeAll(async () => {
    sandbox = await startTestWorld(() => now);
    expect(codeOf(await get("/api/town"))).toBe("NOT_FOUND");
    expect((await list(3)).entryCount).toBe(0);
    const response = await found({ residents: 1000, seed: 7 });
    expect(response.status).toBe(201);
    const lines = (await response.text()).trim().split("\n");
    const { revoked } = JSON.parse(lines.at(-1)!);
    expect(revoked.signature[1]).toEqual({ generation: 3, revoked: [...town.revoked("signature", 3)].length });
  });
  afterAll(() => sandbox.close());

  const issuer = (generation: number) =>
    parseCertificate(
      sandbox.world.authorities.generations("signature").find((one) => one.generation === generation)!.certificate,
    );
  const list = async (generation: number) => {
    const { subjectKeyIdentifier } = issuer(generation);
    const response = await fetch(`${sandbox.url}/jpki/crl/signature/${subjectKeyIdentifier}.crl`);
    return verifyCrl(Buffer.from(await response.arrayBuffer()), { issuer: issuer(generation), time: now });
  };

  test("a town is founded once: the same again is no error, another one is", async () => {
    expect((await found({ residents: 1000, seed: 7 })).status).toBe(200);
    const refused = await found({ residents: 1001, seed: 7 });
    expect([refused.status, codeOf(await refused.json())]).toEqual([409, "TOWN_EXISTS"]);
  });

  test.each([
    {},
    { residents: 0 },
    { residents: 2 ** 24 + 1 },
    { residents: 5, seed: -1 },
    { residents: 5, foundedOn: "x" },
  ])("a town that cannot be is refused (%#)", async (body) => {
    expect((await found(body)).status).toBe(400);
  });

  test("a town's past lies between the first authority and today, and brings back the generations that issued to it", async () => {
    const other = await startTestWorld(() => now);
    const { authorities } = other.world;
    for (const foundedOn of ["2026-11-25", "2020-10-18"]) {
      expect(() => foundTown(other.world, { residents: 200, foundedOn })).toThrow(
        expect.objectContaining({ code: "MALFORMED" }),
      );
    }
    const old = foundTown(other.world, { residents: 200, foundedOn: "2020-10-30" });
    const [first] = authorities.generations("signature");
    expect(first!.generation).toBe(1);
    expect([...old.revoked("signature", 1)].length).toBeGreaterThan(0);
    expect((await fetch(`${other.url}/api/people/t-1`)).status).toBe(200);
    other.close();
  });

  test("its residents are listed page by page and by name", async () => {
    const first = (await get("/api/town/residents?limit=2")) as Page;
    expect(first.residents.map(({ id }) => id)).toEqual(["t-1", "t-2"]);
    const second = (await get(`/api/town/residents?limit=2&after=${first.next}`)) as Page;
    expect(second.residents[0]!.id).toBe("t-3");
    const named = (await get(`/api/town/residents?name=${encodeURIComponent("佐藤")}`)) as Page;
    for (const { name } of named.residents) expect(name).toMatch(/^佐藤/);
    expect((await fetch(`${sandbox.url}/api/town/residents?limit=101`)).status).toBe(400);
    expect((await fetch(`${sandbox.url}/api/town/residents?after=t-1001`)).status).toBe(404);
  });

  test("a resident gets keys and a card at first use, with the serial numbers that the town foretold", async () => {
    const index = everybody.find((one) => town.certificatesOf(one).length > 4)!;
    const foretold = town.certificatesOf(index);
    const person = (await get(`/api/people/t-${index + 1}`)) as Person;
    expect(person.name).toBe(town.resident(index).name);
    const held = foretold.find((one) => one.kind === "signature" && one.held)!;
    expect(Number.parseInt(person.card.certificates[0]!.serial, 16)).toBe(held.serial);
    const jpki = await JpkiApplication.select(await new HttpCardReader(sandbox.url).connect(person.id));
    await jpki.verifyPin("signature", person.pins.signature);
    const read = parseJpkiSignatureCertificate(parseCertificate(await jpki.readCertificate("signature")));
    expect(read.birthdate).toBe(person.birthdate);
    read.certificate.verifySignedBy(parseCertificate(await jpki.readCertificate("signature-ca")));
    expect(Number.parseInt(read.certificate.serial, 16)).toBe(held.serial);
  });

  test("a revocation list has the whole past, whoever has been met, and what happens after", async () => {
    const before = (await list(3)).entryCount;
    expect(before).toBe([...town.revoked("signature", 3)].length);
    const index = everybody.find((one) => {
      const held = town.certificatesOf(one).find((certificate) => certificate.kind === "signature" && certificate.held);
      return held?.generation === 3 && !held.revocation && town.certificatesOf(one).length > 2;
    })!;
    await get(`/api/people/t-${index + 1}`);
    expect((await list(3)).entryCount).toBe(before);
    await sandbox.happen(`t-${index + 1}`, { type: "reissue-certificates" });
    expect((await list(3)).entryCount).toBe(before + 1);
  });

  test("a former certificate can be had, and the list names it", async () => {
    const former = everything.find(
      ({ kind, generation, revocation }) => kind === "signature" && generation === 2 && revocation,
    )!;
    const path = `/certificates/signature/${former.serial.toString(16).padStart(8, "0")}.cer`;
    const der = Buffer.from(await (await fetch(`${sandbox.url}${path}`)).arrayBuffer());
    expect((await list(2)).status(parseCertificate(der))).toEqual({
      status: "revoked",
      at: former.revocation!.at,
      reason: former.revocation!.reason,
    });
  });

  test("J-LIS knows everybody's certificates and how they are linked, whoever has been met", async () => {
    const verifier = await TestVerifier.register(sandbox, "xID", () => now);
    const index = everybody.findLast((one) => town.certificatesOf(one).length > 4)!;
    const certificates = town.certificatesOf(index);
    const hex = ({ serial }: TownCertificate) => serial.toString(16).padStart(8, "0");
    const [former] = certificates.filter(({ held }) => !held);
    const [links] = await verifier.ask<Links>("/links", { kind: former!.kind, serial: hex(former!) });
    const held = certificates.filter((one) => one.held);
    expect(links!.current.map(({ serial }) => serial).toSorted()).toEqual(held.map(hex).toSorted());
    expect(links!.previous).toHaveLength(certificates.length - held.length);
    const [status] = await verifier.ask<Status>("/status", { kind: former!.kind, serial: hex(former!) });
    expect(status).toMatchObject({ status: "revoked", reason: former!.revocation!.reason });
    expect(isTaken(sandbox.world.database, "id", `t-${index + 1}`)).toBe(false);
  });

  test("there is nobody beyond the last resident", async () => {
    for (const id of ["t-0", "t-1001", "t-01", "t-x"]) {
      expect((await fetch(`${sandbox.url}/api/people/${id}`)).status).toBe(404);
    }
  });
});
