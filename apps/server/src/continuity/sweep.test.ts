import { afterAll, beforeAll, expect, test } from "vitest";
import { readIdentityStatuses } from "../identity/read-identity-status.ts";
import { type Resident, TestWorld } from "../test-world.ts";
import { runSweep, type SweepReport } from "./sweep.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await TestWorld.start();
  // From here on J-LIS is only asked about what changes.
  await runSweep(world.platform);
});
afterAll(() => world.test.close());

async function sweep(): Promise<SweepReport> {
  const report = await runSweep(world.platform);
  if (report === "busy") throw new Error(report);
  return report;
}

async function statusOf(accountId: string) {
  return (await readIdentityStatuses(world.platform, [accountId])).get(accountId)!;
}

async function enrolled(persona?: string): Promise<{ accountId: string; resident: Resident }> {
  const { device, resident } = await world.enrolled(await world.resident(persona));
  return { accountId: device.ids.accountId, resident };
}

function versions(accountId: string) {
  return world.test.database
    .selectFrom("attributes")
    .select(["version", "source"])
    .where("account_id", "=", accountId)
    .orderBy("version")
    .execute();
}

test("a person who moves is found to have changed, and their new address follows once they have a certificate again", async () => {
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
