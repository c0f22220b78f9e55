import { describe, expect, test } from "vitest";
import { toHex } from "../../hex.ts";
import { poweredCard, selects } from "../powered-card.ts";

describe("GET DATA", () => {
  const ascii = (text: string) => `${toHex(Buffer.from(text))}9000`;

  test.each([
    ["00ca004200", /^(?:..){16}9000$/],
    ["00ca004500", ascii("400000012719843")],
    ["00ca006600", /^73.*2a864886fc6b.*9000$/],
    ["00ca00f000", ascii("13221")],
    ["00ca00f200", ascii("20350217")],
    ["00ca5f5100", "e000ff8131fe45149000"],
    ["00ca00f800", "6700"],
    ["00ca7f2100", "6700"],
    ["00ca00f100", "6a88"],
    ["00ca00f0", "6700"],
    ["00ca00f004", "6700"],
  ])("at power-on level %s is answered", (command, answer) => {
    const { send } = poweredCard();
    if (typeof answer === "string") expect(send(command)).toBe(answer);
    else expect(send(command)).toMatch(answer);
  });

  test("inside an application only the contact interface's answer to reset is known", () => {
    const { send } = poweredCard();
    send(selects.jpki);
    expect(send("00ca00f200")).toBe("6a88");
    expect(send("00ca5f5100")).toBe("e000ff8131fe45149000");
    expect(send(selects.issuerDomain)).toBe("9000");
    expect(send("00ca00f200")).toBe(ascii("20350217"));
  });

  test("the objects are no files", () => {
    const { send } = poweredCard();
    expect(send("00a4020c0200f2")).toBe("6a82");
    expect(send("00b0820000")).toBe("6a82");
  });
});
