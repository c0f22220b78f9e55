import fc from "fast-check";
import { expect, it } from "vitest";
import { digestToSign, toShownDocument } from "./card-signature.ts";

it("a text's digest is computed from what is shown, whatever the platform says", () => {
  const shown = toShownDocument({ text: "契約書\n第1条" });
  if (shown.form !== "text") throw new Error(shown.form);
  expect(Buffer.from(digestToSign(shown)).toString("base64url")).toBe(shown.digest);
  expect(() => digestToSign({ ...shown, text: "契約書\n第2条" })).toThrow(
    expect.objectContaining({ code: "MALFORMED" }),
  );
});

it("a text is shown letter by letter or not at all", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 50 }), (text) => {
      try {
        expect(toShownDocument({ text })).toMatchObject({ text });
      } catch (error) {
        expect(error).toMatchObject({ code: "MALFORMED" });
      }
    }),
  );
  for (const text of ["100\u202e円", "a\u0000b", "\ue000", "\u2028"]) {
    expect(() => toShownDocument({ text })).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  }
});

it("of a file's bytes only name, size and digest are left", () => {
  const shown = toShownDocument({ data: Buffer.from("secret").toString("base64url"), name: "a.txt" });
  expect(shown).toEqual({ form: "file", name: "a.txt", size: 6, digest: expect.any(String) });
});
