import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certificatesOfPerson } from "../store/certificates.ts";
import { startTestWorld, type TestWorld } from "../test-world.ts";

let sandbox: TestWorld;
beforeAll(async () => {
  sandbox = await startTestWorld();
});
afterAll(() => sandbox.close());

/** All that a resident ever had, in the order of issue. */
const had = (id: string) => certificatesOfPerson(sandbox.world.database, id);
const commonName = ({ subject }: X509Certificate) => /CN=(.*)/.exec(subject)![1]!;

test("no two certificates of a person share a key, a name or a serial number, over renewals, new cards and phones", async () => {
  const { id } = await sandbox.register("expires-tomorrow");
  await sandbox.happen(id, { type: "get-phone", model: "android" });
  for (const type of ["renew", "new-card", "reissue-signature"]) await sandbox.happen(id, { type });
  await sandbox.happen(id, { type: "get-phone", model: "iphone" });
  const all = had(id);
  expect(all.filter(({ medium }) => medium === "phone")).toHaveLength(4);
  expect(all).toHaveLength(2 + 2 + 2 + 2 + 1 + 2);
  const parsed = all.map(({ der }) => new X509Certificate(der!));
  const distinct = (values: string[]) => new Set(values).size;
  expect(distinct(parsed.map(({ publicKey }) => publicKey.export({ type: "spki", format: "pem" }).toString()))).toBe(
    all.length,
  );
  expect(distinct(parsed.map(commonName))).toBe(all.length);
  for (const kind of ["signature", "authentication"] as const) {
    const serials = all.filter((one) => one.kind === kind).map(({ serial }) => serial);
    expect(distinct(serials.map(String))).toBe(serials.length);
  }
});

test("numbers grow with each certificate of a kind, whatever holds it", async () => {
  const { id } = await sandbox.register("default");
  await sandbox.happen(id, { type: "reissue-certificates" });
  await sandbox.happen(id, { type: "get-phone", model: "iphone" });
  for (const kind of ["signature", "authentication"] as const) {
    const serials = had(id)
      .filter((one) => one.kind === kind)
      .map(({ serial }) => serial);
    expect(serials).toEqual(serials.toSorted((a, b) => a - b));
  }
});

test("each event leaves its reason: renewal superseded, new card cessationOfOperation, move affiliationChanged", async () => {
  const { id } = await sandbox.register("expires-tomorrow");
  for (const type of ["renew", "new-card", "move"]) await sandbox.happen(id, { type });
  const reasons = had(id).map(({ kind, held, revocation }) => `${kind} ${revocation?.reason ?? (held ? "held" : "")}`);
  expect(reasons.toSorted()).toEqual([
    "authentication cessationOfOperation",
    "authentication held",
    "authentication superseded",
    "signature affiliationChanged",
    "signature cessationOfOperation",
    "signature superseded",
  ]);
});

test("a phone's certificates end with their like on the card at the latest, and live no longer than that", async () => {
  const { id } = await sandbox.register("default");
  await sandbox.happen(id, { type: "get-phone", model: "android" });
  for (const kind of ["signature", "authentication"] as const) {
    const held = had(id).filter((one) => one.kind === kind && one.held);
    const [card, phone] = ["card", "phone"].map((medium) => held.find((one) => one.medium === medium)!);
    expect(phone!.notAfter <= card!.notAfter).toBe(true);
  }
  await sandbox.happen(id, { type: "reissue-certificates" });
  for (const { medium, held, revocation } of had(id)) {
    if (medium === "phone") expect([held, revocation === undefined]).toEqual([true, false]);
  }
});
