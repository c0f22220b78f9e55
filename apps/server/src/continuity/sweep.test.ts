import { canonicalJson, toBase64url } from "@xid/protocol";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAttributeChanges } from "../attributes/attribute-changes.ts";
import { unlinkService } from "../consent/unlink.ts";
import { readIdentityStatuses } from "../identity/read-identity-status.ts";
import { transaction } from "../store/database.ts";
import { Lease, LeaseLost } from "../store/lease.ts";
import { type Resident, signWithCardOf, type TestDevice, TestWorld } from "../test-world.ts";
import { runSweep, type SweepReport } from "./sweep.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start();
  // From here on J-LIS is only asked about what changes.
  await runSweep(world.platform);
});
afterAll(() => world.close());

async function sweep(platform = world.platform): Promise<SweepReport> {
  const report = await runSweep(platform);
  if (report === "busy") throw new Error(report);
  return report;
}

async function statusOf(accountId: string) {
  return (await readIdentityStatuses(world.platform, [accountId])).get(accountId)!;
}

type Person = { accountId: string; resident: Resident; device: TestDevice };

async function enrolled(persona?: string): Promise<Person> {
  const { device, resident } = await world.enrolled(await world.resident(persona));
  return { accountId: device.ids.accountId, resident, device };
}

/** Lets a client be told of changes of name and address. */
async function letsKnow({ device }: Person, clientId: string): Promise<void> {
  const display = await device.open(await world.request({ clientId, latestAttributes: true }));
  await device.client.approveRequest(display, ["name", "address"], "app_pin", {}, { latestAttributes: true });
}

async function moves({ resident }: Person, to = "高松市"): Promise<void> {
  await world.happens(resident, { type: "move", address: to });
  await world.happens(resident, { type: "reissue-signature" });
}

function versions(accountId: string) {
  return world.test.database
    .selectFrom("attributes")
    .select(["version", "source"])
    .where("account_id", "=", accountId)
    .orderBy("version")
    .execute();
}

async function listOf(clientId: string, after = "0") {
  const { changes, next } = await readAttributeChanges(world.platform, clientId, { after, limit: 1000 });
  return { kinds: changes.map(({ changes: [change] }) => change!.kind), changes, next };
}

test("a person who moves is found to have changed, and their address follows once they have a certificate again", async () => {
  const { accountId, resident } = await enrolled();
  await sweep();
  expect(await statusOf(accountId)).toMatchObject({ status: "unchanged", reason: null, source: "jlis_changes" });

  await world.happens(resident, { type: "move", address: "高松市" });
  expect(await sweep()).toMatchObject({ changed: 1, versions: 0 });
  expect(await statusOf(accountId)).toMatchObject({ status: "changed", reason: "moved_or_renamed" });
  expect(await versions(accountId)).toHaveLength(1);

  await world.happens(resident, { type: "reissue-signature" });
  expect(await sweep()).toMatchObject({ changed: 1, versions: 1 });
  expect(await versions(accountId)).toEqual([
    { version: 1, source: "signature_certificate" },
    { version: 2, source: "jlis" },
  ]);
  expect(await sweep()).toMatchObject({ changed: 0, versions: 0 });
});

test.each([
  ["lost", [{ type: "lose-card" }]],
  ["renewed", [{ type: "reissue-certificates" }]],
  ["renewed", [{ type: "new-card" }]],
  ["deceased", [{ type: "death" }]],
  ["revoked", [{ type: "return-card" }]],
  ["moved_or_renamed", [{ type: "marriage", familyName: "山本" }]],
])("the reason is told as J-LIS gives it: %s", async (reason, events) => {
  const { accountId, resident } = await enrolled();
  for (const event of events) await world.happens(resident, event);
  await sweep();
  expect(await statusOf(accountId)).toMatchObject({ status: "changed", reason });
});

test("a lost card is told to relying parties that may know why a certificate has ended, and to no others", async () => {
  const person = await enrolled();
  for (const [clientId, receives] of [
    ["loss-verifier", true],
    ["loss-shop", false],
  ] as const) {
    const payload = JSON.stringify({ client_id: clientId, xid_receives_certificates: receives });
    await sql`INSERT INTO oidc_artefacts (id, model, payload) VALUES (${clientId}, 'Client', ${payload})`.execute(
      world.test.database,
    );
    await sql`INSERT INTO webhook_endpoints
      (client_id, endpoint_id, form, url, description, event_types, keys_sealed, created_at)
      VALUES (${clientId}, gen_random_uuid(), 'webhook', 'https://bank.example/hook', '',
        ARRAY['card.lost', 'identity.status_changed'], '', now())`.execute(world.test.database);
    await letsKnow(person, clientId);
  }
  await world.happens(person.resident, { type: "lose-card" });
  await sweep();
  const { rows } = await sql`SELECT client_id, type FROM events WHERE client_id LIKE 'loss-%'
    ORDER BY client_id, type`.execute(world.test.database);
  expect(rows).toEqual([
    { client_id: "loss-shop", type: "identity.status_changed" },
    { client_id: "loss-verifier", type: "card.lost" },
    { client_id: "loss-verifier", type: "identity.status_changed" },
  ]);
});

test("a certificate that expires has changed without anybody's saying so", async () => {
  const { accountId } = await enrolled();
  await sql`UPDATE certificates SET not_after = now() - interval '1 day' WHERE account_id = ${accountId}`.execute(
    world.test.database,
  );
  expect(await statusOf(accountId)).toMatchObject({ status: "changed", reason: "expired" });
});

test("a card that is read again makes good what had changed", async () => {
  const person = await enrolled();
  await moves(person);
  await sweep();
  await person.device.enrol(person.resident, "keep");
  expect(await statusOf(person.accountId)).toMatchObject({ status: "unchanged", source: "card" });
});

describe("the list of changes", () => {
  test("has for each client what it may have, in words that two texts allow, and nothing after a withdrawal", async () => {
    const person = await enrolled();
    await letsKnow(person, "list-bank");
    await letsKnow(person, "list-shop");
    await moves(person);
    await sweep();
    const first = await listOf("list-bank");
    expect(first.kinds).toEqual(["address_other_prefecture"]);
    expect(first.changes[0]).toMatchObject({ accountId: person.accountId, items: ["name", "address"], source: "jlis" });
    expect((await listOf("list-bank", first.next)).changes).toEqual([]);
    await unlinkService(world.platform, person.accountId, "list-shop");
    expect((await listOf("list-shop")).changes).toEqual([]);
    expect((await listOf("nobody")).changes).toEqual([]);
  });

  test("is of the time of the consent: what was before a new one stays out of it", async () => {
    const person = await enrolled();
    await letsKnow(person, "again");
    await moves(person);
    await sweep();
    await unlinkService(world.platform, person.accountId, "again");
    await person.device.enrol(person.resident, "keep");
    await letsKnow(person, "again");
    expect((await listOf("again")).changes).toEqual([]);
    await moves(person, "松山市");
    await sweep();
    expect((await listOf("again")).kinds).toEqual(["address_other_prefecture"]);
  });

  test("loses nothing to writers that end in another order than they began", async () => {
    const people = await Promise.all([enrolled(), enrolled()]);
    for (const person of people) await letsKnow(person, "ordered");
    await Promise.all(people.map((person) => moves(person)));
    // Two transactions that both write into the list; the one that began first waits until the second is read.
    const { announceAttributes } = await import("./announce-attributes.ts");
    const change = ({ accountId }: Person) => ({
      ...{ accountId, version: 1, versionBefore: 1, items: ["address" as const], at: new Date() },
    });
    const [one, two] = people as [Person, Person];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let began = () => {};
    const first = new Promise<void>((resolve) => {
      began = resolve;
    });
    const slow = transaction(world.test.database, async (tx) => {
      await announceAttributes(tx, [change(one)], new Date());
      began();
      await held;
    });
    await first;
    const quick = transaction(world.test.database, (tx) => announceAttributes(tx, [change(two)], new Date()));
    const seen = await world.test.database
      .selectFrom("attribute_changes")
      .select("number")
      .where("client_id", "=", "ordered")
      .execute();
    expect(seen).toEqual([]);
    release();
    await Promise.all([slow, quick]);
    const rows = await world.test.database
      .selectFrom("attribute_changes")
      .select(["number", "account_id"])
      .where("client_id", "=", "ordered")
      .orderBy("number")
      .execute();
    expect(rows).toEqual([
      { number: "1", account_id: one.accountId },
      { number: "2", account_id: two.accountId },
    ]);
  });
});

describe("a sweep", () => {
  test("goes on where one that was killed stood, and does nothing twice", async () => {
    const person = await enrolled();
    await letsKnow(person, "killed");
    await moves(person);
    // As a process leaves it that is killed after the question, before the first batch: the list is there, nothing is written.
    const last = await world.test.database
      .selectFrom("sweeps")
      .selectAll()
      .orderBy("started_at", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const sweep_id = "00000000-0000-4000-8000-000000000001";
    await world.test.database
      .insertInto("sweeps")
      .values({
        ...last,
        sweep_id,
        state: "working",
        started_at: new Date(),
        finished_at: null,
        changed: 1,
        versions: 0,
      })
      .execute();
    await world.test.database.insertInto("sweep_items").values({ sweep_id, account_id: person.accountId }).execute();
    expect(await sweep()).toMatchObject({ sweepId: sweep_id, resumed: true, versions: 1 });
    expect((await listOf("killed")).changes).toHaveLength(1);
    // It had asked before the move; the next one names it once more, and finds nothing new.
    expect(await sweep()).toMatchObject({ resumed: false });
    expect(await versions(person.accountId)).toHaveLength(2);
    expect((await listOf("killed")).changes).toHaveLength(1);
  });

  test("is made by one process at a time; who dies leaves it to others after half a minute", async () => {
    const lease = (await Lease.take(world.platform, "sweep"))!;
    expect(await runSweep(world.platform)).toBe("busy");
    await world.later(31_000, async () => {
      expect(await sweep()).toMatchObject({ changed: expect.any(Number) });
    });
    // Whoever was only slow writes nothing any more.
    await expect(transaction(world.test.database, (tx) => lease.confirm(tx))).rejects.toBeInstanceOf(LeaseLost);
  });

  test("asks nothing about whoever has withdrawn, and tells nobody of them, until they read their card again", async () => {
    const person = await enrolled();
    await letsKnow(person, "withdrawn");
    expect(await person.device.client.withdrawJlisConsent()).toEqual({ endedAtJlis: false });
    await moves(person);
    expect(await sweep()).toMatchObject({ changed: 0 });
    expect(await statusOf(person.accountId)).toMatchObject({ status: "unknown", reason: null });
    expect((await listOf("withdrawn")).changes).toEqual([]);
    await person.device.enrol(person.resident, "keep");
    expect(await statusOf(person.accountId)).toMatchObject({ status: "unchanged" });
    expect(await person.device.client.me()).toMatchObject({ jlisConsent: { state: "valid" } });
  });

  test("learns of a consent that was ended at J-LIS itself", async () => {
    const person = await enrolled();
    await letsKnow(person, "at-jlis");
    const { consentId } = (await person.device.client.me()).jlisConsent;
    const time = Math.floor(Date.now() / 1000);
    const document = canonicalJson({ typ: "xid-jlis-withdrawal-v1", consentId, time });
    const signed = await signWithCardOf(world.sandboxUrl, person.resident, [document]);
    const answer = await fetch(`${world.sandboxUrl}/jlis/v1/residents/withdrawals`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        document: toBase64url(document),
        signature: toBase64url(signed.signatures[0]!),
        certificate: toBase64url(signed.certificate),
      }),
    });
    expect(answer.status).toBe(200);
    await sweep();
    expect(await person.device.client.me()).toMatchObject({ jlisConsent: { state: "ended" } });
    const services = await person.device.client.services();
    expect(services.services.find(({ clientId }) => clientId === "at-jlis")?.latestAttributes).toBeNull();
  });

  test("that J-LIS does not answer stays, and goes on when it does", async () => {
    const person = await enrolled();
    await moves(person);
    const faults = `${world.sandboxUrl}/api/faults`;
    const { verifierId: verifier } = world.platform.jpki;
    const body = JSON.stringify({ kind: "jlis-down", verifier });
    const set = await fetch(faults, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(set.ok).toBe(true);
    await expect(sweep()).rejects.toMatchObject({ code: "JLIS_UNAVAILABLE" });
    expect(await versions(person.accountId)).toHaveLength(1);
    await fetch(`${faults}?verifier=${verifier}`, { method: "DELETE" });
    expect(await sweep()).toMatchObject({ resumed: true });
    expect(await versions(person.accountId)).toHaveLength(2);
  });
});
