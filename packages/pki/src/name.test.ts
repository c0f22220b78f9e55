import { describe, expect, test } from "vitest";
import { tags } from "./der/tags.ts";
import { element, objectIdentifier, sequence, setOf, utf8String } from "./der/writer.ts";
import { type Name, parseName } from "./name.ts";

const common = (value: Buffer): Name => parseName(sequence(setOf(sequence(objectIdentifier("2.5.4.3"), value))));
const text = (value: string): Name => common(utf8String(value));
const printable = (value: string): Name => common(element(tags.printableString, Buffer.from(value)));

describe("distinguished names", () => {
  test.each([
    ["Good CA", "good ca"],
    ["Good  CA", " Good CA "],
    ["ＪＰＫＩ", "JPKI"],
    ["ÉCOLE", "école"],
  ])("%j and %j are the same name (RFC 5280 7.1)", (a, b) => {
    expect(text(a).equals(text(b))).toBe(true);
  });

  test("the kind of string does not count", () => {
    expect(text("Good CA").equals(printable("GOOD CA"))).toBe(true);
  });

  test("other texts, other types and another order are other names", () => {
    expect(text("Good CA").equals(text("Good CB"))).toBe(false);
    const pair = (first: string, second: string) =>
      parseName(sequence(...[first, second].map((type) => setOf(sequence(objectIdentifier(type), utf8String("x"))))));
    expect(pair("2.5.4.3", "2.5.4.10").equals(pair("2.5.4.10", "2.5.4.3"))).toBe(false);
  });

  test("attributes in one part have no order", () => {
    const attribute = (type: string) => sequence(objectIdentifier(type), utf8String("x"));
    const [a, b] = [attribute("2.5.4.3"), attribute("2.5.4.10")];
    expect(parseName(sequence(setOf(a, b))).equals(parseName(sequence(setOf(b, a))))).toBe(true);
    expect(parseName(sequence(setOf(a, b))).equals(parseName(sequence(setOf(a, a))))).toBe(false);
  });

  test("are written with their separators escaped", () => {
    expect(text("Acme, Inc. + Söhne").toString()).toBe("CN=Acme\\, Inc. \\+ Söhne");
  });

  test.each([
    ["a UTF8String that is none", common.bind(null, element(tags.utf8String, Buffer.from("c328", "hex")))],
    ["a PrintableString with other characters", () => printable("ä")],
    ["a BMPString of odd octets", common.bind(null, element(tags.bmpString, Buffer.from("004100", "hex")))],
    ["a lone surrogate", common.bind(null, element(tags.bmpString, Buffer.from("d800", "hex")))],
    ["an empty part", () => parseName(sequence(setOf()))],
  ])("refuse %s", (_, parse) => {
    expect(parse).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  });
});
