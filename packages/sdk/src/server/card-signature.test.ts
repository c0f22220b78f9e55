import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { type SignatureOrder, toAuthorizationDetails } from "./card-signature.ts";

const name = { ja: "契約書", en: "Contract" };
const display: SignatureOrder["display"] = { layout: "contract", title: name, counterparty: name };

it("of a file of any size nothing but digest, name and size goes to the provider", () => {
  const file = Buffer.alloc(1_000_000, "secret");
  const { parameter, digest } = toAuthorizationDetails({ document: { file, name: "契約書.pdf" }, display });
  expect(digest).toBe(createHash("sha256").update(file).digest("base64url"));
  expect(parameter).not.toContain("secret");
  expect(JSON.parse(parameter)[0].document).toEqual({ digest, name: "契約書.pdf", size: 1_000_000 });
});

it("a text goes along, and one that cannot be shown is refused at once", () => {
  const { parameter } = toAuthorizationDetails({ document: { text: "契約" }, display });
  expect(JSON.parse(parameter)[0].document).toEqual({ text: "契約" });
  for (const text of ["契".repeat(22_000), "\u202e"]) {
    expect(() => toAuthorizationDetails({ document: { text }, display })).toThrow(TypeError);
  }
});
