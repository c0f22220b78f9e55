import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident, type Resident } from "./resident.ts";

/** Signs in at an example's page as a person with a headless wallet; gives the page that the browser ends on. */
async function signInAt(origin: string, resident: Resident, path = "/sign-in"): Promise<string> {
  const started = await fetch(`${origin}${path}`, { redirect: "manual" });
  if (started.status !== 302) throw new Error(await started.text());
  const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
  const url = started.headers.get("location")!;
  const { redirect } = await xid<{ redirect: string }>(
    ...["wallet", "sign-in", "--person", resident.id, "--url", url, "--all"],
  );
  return (await fetch(redirect, { headers: { cookie } })).text();
}

async function happens(resident: Resident, ...event: string[]): Promise<void> {
  await xid("person", "event", resident.id, ...event);
}

describe("a person who moves, without a screen", () => {
  let bank: RunningExample;
  let creditUnion: RunningExample;
  beforeAll(async () => {
    [bank, creditUnion] = await Promise.all([startExample("latest-attributes"), startExample("re-verification")]);
  });
  afterAll(() => Promise.all([bank?.stop(), creditUnion?.stop()]));

  it("is at the new address by itself where they agreed to it, and is asked for the card elsewhere", async () => {
    const resident = await createResident();
    await xid("wallet", "enrol", "--person", resident.id);
    expect(await signInAt(bank.origin, resident)).toContain("変更の通知あり");
    expect(await signInAt(creditUnion.origin, resident)).toContain(resident.address);

    await happens(resident, "move", "--to", "高松市");
    await happens(resident, "reissue-signature");
    expect(await xid("sweep", "run")).toMatchObject({ versions: expect.any(Number) });

    const page = async () => (await fetch(bank.origin)).text();
    await expect.poll(page, { timeout: 20_000 }).toContain("別の都道府県に住所が変わりました");
    expect(await page()).toContain("香川県高松市");
    expect(await (await fetch(`${creditUnion.origin}/check`)).text()).toContain("changed moved_or_renamed");

    await expect(signInAt(creditUnion.origin, resident)).rejects.toThrow("CERTIFICATE_REVOKED");
    expect(await signInAt(creditUnion.origin, resident, "/refresh")).toContain("香川県高松市");
    expect(await (await fetch(`${creditUnion.origin}/check`)).text()).toContain("unchanged");
  });
});
