import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { tokens } from "./tokens.ts";

type Token = { $value: string };
const { Color, FontSize } = createRequire(import.meta.url)("@digital-go-jp/design-tokens") as {
  Color: { Primitive: Record<string, Record<string, Token>>; Neutral: Record<string, Record<string, Token> & Token> };
  FontSize: Record<string, Token>;
};

describe("the design tokens", () => {
  it.each(Object.entries(tokens.color))("have the colour %s as %s", (name, value) => {
    const [, family = "", shade = ""] = /^([a-zA-Z]+?)(\d*)$/.exec(name) ?? [];
    const group = family[0]!.toUpperCase() + family.slice(1);
    const token = shade ? (Color.Primitive[group] ?? Color.Neutral[group])?.[shade] : Color.Neutral[group];
    expect(token?.$value).toBe(value);
  });

  it.each(Object.entries(tokens.fontSize))("have the font size %s of %i px", (_, value) => {
    expect(FontSize[String(value)]?.$value).toBe(`${value / 16}rem`);
  });
});
