import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startExample, xid } from "./example.ts";
import { createResident } from "./resident.ts";

it("a bank keeps the evidence of a sign-in, and anybody checks it without the platform", async () => {
  const bank = await startExample("evidence");
  try {
    const trust = join(bank.folder, "trust");
    await xid("evidence", "trust", "--out", trust);
    const resident = await createResident();
    const person = ["--person", resident.id];
    await xid("wallet", "enrol", ...person);
    const started = await fetch(`${bank.origin}/sign-in`, { redirect: "manual" });
    const cookie = started.headers.get("set-cookie")!.split(";")[0]!;
    const signedIn = await xid("wallet", "sign-in", ...person, "--url", started.headers.get("location")!);
    const page = await (await fetch(String(signedIn.redirect), { headers: { cookie } })).text();
    expect(page).toContain("施行規則第6条第1項第1号ワ");
    const file = join(bank.folder, "evidence.json");
    expect(await xid("evidence", "verify", file, "--trust", trust)).toMatchObject({
      verified: true,
      kind: "sign_in",
      items: { name: resident.name },
      hidden: [],
      existedBefore: { authority: expect.stringContaining("SIM-TSA") },
    });
    const lines = readFileSync(new URL("../docs/examples/evidence.ts", import.meta.url), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.length).toBeLessThan(40);
  } finally {
    await bank.stop();
  }
});
