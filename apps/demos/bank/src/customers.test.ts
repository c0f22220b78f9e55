import { afterEach, beforeEach, expect, it } from "vitest";
import { branches, Customers, type VerifiedItems } from "./customers.ts";

const now = new Date("2026-11-24T00:00:00Z");
const hanako: VerifiedItems = { name: "山田　花子", birthdate: "1990-01-31", gender: "female", address: "東京都" };
const taro: VerifiedItems = { name: "山田　太郎", birthdate: "1988-05-06", gender: "male", address: "大阪府" };

let customers: Customers;
beforeEach(() => {
  customers = new Customers(":memory:");
});
afterEach(() => customers.close());

it("opens one account for a person, however often they come", () => {
  const first = customers.open("hanako", hanako, now);
  expect(first.isNew).toBe(true);
  expect(first.customer).toMatchObject({ ...hanako, subject: "hanako", openedAt: now.toISOString() });
  expect(first.customer.accountNumber).toMatch(/^[1-9]\d{6}$/);
  expect(branches).toHaveProperty(first.customer.branch);
  expect(customers.open("hanako", taro, now)).toEqual({ customer: first.customer, isNew: false });
});

it("gives no account number twice", () => {
  const drawn = ["1234567", "1234567", "7654321"].map((accountNumber) => ({ branch: "101", accountNumber }));
  const draw = () => drawn.shift()!;
  expect(customers.open("hanako", hanako, now, draw).customer.accountNumber).toBe("1234567");
  expect(customers.open("taro", taro, now, draw).customer.accountNumber).toBe("7654321");
});

it("fails rather than going on for ever when no number is free", () => {
  const draw = () => ({ branch: "101", accountNumber: "1234567" });
  customers.open("hanako", hanako, now, draw);
  expect(() => customers.open("taro", taro, now, draw)).toThrow("no account number is free");
  expect(customers.find("taro")).toBeUndefined();
});
