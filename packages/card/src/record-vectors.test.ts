import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseCardAuthorities } from "./card-authorities.ts";
import { CardError } from "./card-error.ts";
import { type SignedText, verifyText } from "./text-files.ts";
import { type SignedFile, verifyAgeRecord, verifyCardFace, verifyMyNumberImage } from "./visual-files.ts";

type Vector = {
  id: string;
  kind: "text" | "age" | "face" | "my-number-image";
  expect: { verified: true } | { code: string };
  files: Record<string, string>;
};
const content = JSON.parse(readFileSync(new URL("../../../vectors/jpki/records.json", import.meta.url), "utf8")) as {
  authorities: unknown;
  vectors: Vector[];
};
const authorities = parseCardAuthorities(content.authorities);

const verifiers = {
  text: (files: unknown) => verifyText(files as SignedText, authorities),
  age: (files: unknown) => verifyAgeRecord(files as SignedFile, authorities),
  face: (files: unknown) => verifyCardFace(files as SignedFile, authorities),
  "my-number-image": (files: unknown) => verifyMyNumberImage(files as SignedFile, authorities),
};

test.each(content.vectors)("$id of a card's issuer: $expect", ({ kind, expect: expected, files }) => {
  const bytes = Object.fromEntries(
    Object.entries(files).map(([name, hex]) => [name, new Uint8Array(Buffer.from(hex, "hex"))]),
  );
  const outcome = () => {
    try {
      verifiers[kind](bytes);
      return { verified: true };
    } catch (error) {
      return error instanceof CardError ? { code: error.code } : error;
    }
  };
  expect(outcome()).toEqual(expected);
});
