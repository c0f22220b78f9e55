import fc from "fast-check";
import { expect, it } from "vitest";
import { openTransaction, sealTransaction } from "./transaction.ts";

const key = new Uint8Array(32).fill(7);
const transaction = { state: "s", nonce: "n", codeVerifier: "v", required: ["name" as const], startedAt: 1000 };

it("comes back as it was sealed, until its lifetime is over", async () => {
  const sealed = await sealTransaction(transaction, key);
  expect(await openTransaction(sealed, key, 1500, 500)).toEqual(transaction);
  await expect(openTransaction(sealed, key, 1501, 500)).rejects.toMatchObject({ code: "EXPIRED" });
});

it("shows nothing of what is in it", async () => {
  const sealed = await sealTransaction({ ...transaction, codeVerifier: "a code verifier" }, key);
  expect(Buffer.from(sealed.split(".").join(""), "base64url").toString("latin1")).not.toContain("verifier");
});

it("is refused with another key, with any other text and with any character changed", async () => {
  const sealed = await sealTransaction(transaction, key);
  const refused = { code: "WRONG_BROWSER" };
  await expect(openTransaction(sealed, new Uint8Array(32), 1000, 500)).rejects.toMatchObject(refused);
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 400 }), async (text) => {
      await expect(openTransaction(text, key, 1000, 500)).rejects.toMatchObject(refused);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.length - 1), async (index) => {
      const changed = sealed.slice(0, index) + (sealed[index] === "A" ? "Q" : "A") + sealed.slice(index + 1);
      await expect(openTransaction(changed, key, 1000, 500)).rejects.toMatchObject(refused);
    }),
  );
});
