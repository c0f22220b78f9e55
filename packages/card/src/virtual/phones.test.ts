import { describe, expect, test } from "vitest";
import { createCard } from "./create-card.ts";
import { poweredCard, selects, verifyCommand } from "./powered-card.ts";
import { testContents } from "./test-card.ts";

describe("a phone's token", () => {
  const label = (send: (hex: string) => string) => Buffer.from(send("00b0860020").slice(0, -4), "hex").toString();
  const phone = (model: "android" | "iphone") => {
    const card = poweredCard(createCard(testContents({ model })));
    card.send(selects.jpki);
    return card;
  };

  test.each([
    ["android", "JPKIAPGPSETOKEN"],
    ["iphone", "JPKIAPIOSTOKEN"],
  ] as const)("of an %s is labelled, and gives the authentication certificate for its PIN only", (model, expected) => {
    const { send } = phone(model);
    expect(label(send)).toBe(expected.padEnd(32));
    expect(send("00b0860000")).toMatch(/^.{320}9000$/);
    expect(send("00b08a0004")).toBe("6982");
    send(verifyCommand(0x18, "1234"));
    expect(send("00b08a0004")).toMatch(/^3082....9000$/);
  });

  test("has the JPKI application only", () => {
    const { send } = phone("android");
    for (const application of [selects.text, selects.visual, selects.common, selects.residentRegister]) {
      expect(send(application)).toBe("6a82");
    }
  });

  test("of an iPhone alone is told that nothing more comes", () => {
    expect(phone("iphone").send("80fc0000")).toBe("9000");
    expect(phone("iphone").send("80fc0100")).toBe("6a86");
    expect(phone("android").send("80fc0000")).toBe("6700");
    expect(poweredCard().send("80fc0000")).toBe("6700");
  });
});
