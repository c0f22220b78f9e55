import type { RequestDisplay } from "@xid/protocol";
import { describe, expect, it } from "vitest";
import { itemChooser } from "./choose-items.ts";

const characters = { substitutes: [], privateUse: [], variationSequences: [] };
const plain = { purpose: null, withheld: null };

const display = {
  client: { clientId: "bank", name: { ja: "銀行", en: "Bank" }, domain: "bank.example" },
  items: [
    { name: "name", required: true, value: "山田　花子", characters, ...plain },
    { name: "address", required: false, value: { formatted: "香川県高松市", country: "JP" }, characters, ...plain },
  ],
} as unknown as RequestDisplay;

describe("choosing what to let go", () => {
  it("gives only what is required unless told otherwise", () => {
    expect(itemChooser(undefined, false)(display)).toEqual(["name"]);
  });

  it("gives everything with --all", () => {
    expect(itemChooser(undefined, true)(display)).toEqual(["name", "address"]);
  });

  it("gives what is named, once", () => {
    expect(itemChooser("address,name,address", false)(display)).toEqual(["address", "name"]);
  });

  it("refuses to leave out what is required", () => {
    expect(() => itemChooser("address", false)(display)).toThrow(expect.objectContaining({ code: "REQUIRED_ITEM" }));
  });

  it("refuses to give what nobody asked for", () => {
    expect(() => itemChooser("name,gender", false)(display)).toThrow(expect.objectContaining({ code: "USAGE" }));
  });
});
