// A relying party's own tests, without a phone: run this file with `node --test` beside `npm start`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createXid, fileStore } from "@xid/sdk/server";
import { headlessWallet, tryRelyingParty } from "@xid/sdk/testing";

const { XID_ISSUER, XID_SANDBOX, FOLDER = "." } = process.env;
const relyingParty = (issuer: string, name: string) =>
  createXid({
    issuer,
    redirectUri: "http://localhost:4010/callback",
    store: fileStore(`${FOLDER}/${name}.json`),
    registration: { name: "さくら酒店", purpose: { ja: "年齢の確認", en: "To check your age" } },
  });

test("a customer signs in, and their name is the one on the card", async () => {
  const xid = relyingParty(XID_ISSUER ?? "http://localhost:4001", "sandbox");
  const wallet = await headlessWallet({ persona: "long-foreign-name", platform: XID_ISSUER, sandbox: XID_SANDBOX });
  const { url, transaction } = await xid.start({ required: ["name"], optional: ["address"] });
  const { claims } = await xid.finish(await wallet.approve(url, { items: [] }), transaction);
  assert.deepEqual(claims, { ...claims, name: wallet.person.name });
  assert.equal(claims.address, undefined);
  const again = await xid.start();
  await assert.rejects(xid.finish(await wallet.decline(again.url), again.transaction), { code: "ACCESS_DENIED" });
});

test("no provider that lies gets anybody in", async () => {
  const report = await tryRelyingParty((issuer) => {
    const xid = relyingParty(issuer, "robot");
    const start = async () => {
      const { url, transaction } = await xid.start({ required: ["name"] });
      return { url, session: transaction };
    };
    return { start, finish: (callback, transaction) => xid.finish(callback, transaction) };
  });
  assert.ok(report.passed);
});
