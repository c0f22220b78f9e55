import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { XidEvent } from "@xid/sdk/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningExample, startExample, xid } from "./example.ts";
import { createResident } from "./resident.ts";

describe("a bank that wants to know what happens to its customers", () => {
  let bank: RunningExample;
  beforeAll(async () => {
    bank = await startExample("webhooks");
  });
  afterAll(() => bank?.stop());

  const told = (): XidEvent[] => {
    const file = join(bank.folder, "events.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.map((line) => JSON.parse(line));
  };
  const typesTold = () => told().map(({ type }) => type);

  it("is told of an approval with its result and of the end of the link", async () => {
    const { id } = await createResident();
    const person = ["--person", id];
    await xid("wallet", "enrol", ...person);
    const started = await fetch(`${bank.origin}/sign-in`, { redirect: "manual" });
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const signedIn = await xid("wallet", "sign-in", ...person, "--url", started.headers.get("location")!);
    const subject = await (await fetch(String(signedIn.redirect), { headers: { cookie } })).text();
    await expect.poll(typesTold, { timeout: 20_000 }).toEqual(["request.approved"]);
    expect(told()[0]).toMatchObject({ subject, data: { kind: "sign_in", request: { items: [] } } });

    const [service] = (await xid<{ services: { clientId: string }[] }>("wallet", "services", ...person)).services;
    await xid("wallet", "unlink", service!.clientId, ...person);
    await expect.poll(typesTold, { timeout: 20_000 }).toEqual(["request.approved", "consent.withdrawn"]);
    expect(told()[1]).toMatchObject({ subject, data: { consent: "link" } });
  });
});
