import { IdentityStatus } from "@xid/protocol";
import { expect, test } from "vitest";
import type { ClientCaller } from "../../http/caller.ts";
import { presentStatus } from "./present-status.ts";

const subject = "s".repeat(43);
const caller = (receivesCertificates: boolean): ClientCaller => ({
  token: "client",
  clientId: "bank",
  scopes: new Set(["identities"]),
  receivesCertificates,
  people: { subjectOf: () => subject, findLinked: async () => new Map(), findKnown: async () => new Map() },
});
const moved = {
  status: "changed",
  reason: "moved_or_renamed",
  changedAt: new Date("2026-11-01T00:00:00Z"),
  checkedAt: new Date("2026-11-24T00:00:00Z"),
  source: "jlis",
} as const;

test("why a certificate was revoked, and when, is told to those only whom the law lets verify signatures", () => {
  const whole = presentStatus(caller(true), "account", moved);
  expect(IdentityStatus.parse(whole)).toMatchObject({
    status: "changed",
    reason: "moved_or_renamed",
    changedAt: "2026-11-01T00:00:00.000Z",
  });
  const coarse = presentStatus(caller(false), "account", moved);
  expect(IdentityStatus.parse(coarse)).toMatchObject({
    sub: subject,
    status: "changed",
    reason: null,
    changedAt: null,
  });
});

test("how fresh it is, is told to everybody", () => {
  expect(presentStatus(caller(false), "account", moved)).toMatchObject({
    checkedAt: "2026-11-24T00:00:00.000Z",
    source: "jlis",
  });
});
