import { describe, expect, test } from "vitest";
import { poweredCard, selects } from "../powered-card.ts";

describe("INTERNAL AUTHENTICATE", () => {
  test("is answered by one key of 共通カードAP, without a PIN and always alike", () => {
    const { send } = poweredCard();
    send(selects.common);
    const answer = send("0088009908010203040506070800");
    expect(answer).toMatch(/^.{512}9000$/);
    expect(send("0088009908010203040506070800")).toBe(answer);
    send("00a4020c020019");
    expect(send("0088008008010203040506070800")).toBe(answer);
  });

  test.each([
    ["a key behind a PIN", selects.jpki, "008800970401020304" + "00", "6982"],
    ["a key that signs", selects.text, "008800930401020304" + "00", "6985"],
    ["a PIN", selects.common, "0088009c0401020304" + "00", "6981"],
    ["no challenge", selects.common, "0088009900", "6700"],
    ["another P1", selects.common, "008801990401020304" + "00", "6a86"],
  ])("%s refuses it", (_, application, command, status) => {
    const { send } = poweredCard();
    send(application);
    expect(send(command)).toBe(status);
  });

  test("the key that answers it computes no other signature", () => {
    const { send } = poweredCard();
    send(selects.common);
    expect(send("802a0099040102030400")).toBe("6985");
  });
});
