import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../hex.ts";
import { createCard } from "../create-card.ts";
import { poweredCard, selects, verifyCommand } from "../powered-card.ts";
import { testContents } from "../test-card.ts";
import { VirtualCard } from "../virtual-card.ts";

describe("a PIN is changed", () => {
  test("in 共通カードAP and 住基AP by CHANGE KEY, in each by itself", () => {
    const { send, card } = poweredCard();
    send(selects.common);
    expect(send("8032009c0430303030")).toBe("6982");
    expect(send(verifyCommand(0x1c, "5678"))).toBe("9000");
    expect(send("0024019c0430303030")).toBe("6d00");
    expect(send("8032019c0430303030")).toBe("6a86");
    expect(send("8032009c03303030")).toBe("6700");
    expect(send("8032009c0430303030")).toBe("9000");
    card.reset();
    send(selects.common);
    expect(send(verifyCommand(0x1c, "0000"))).toBe("9000");
    send(selects.residentRegister);
    expect(send(verifyCommand(0x1c, "0000"))).toBe("63c2");
    expect(send(verifyCommand(0x1c, "5678"))).toBe("9000");
    expect(send("803200800430303030")).toBe("9000");
  });

  test("in 券面事項入力補助AP by CHANGE REFERENCE DATA", () => {
    const { send } = poweredCard();
    send(selects.text);
    send(verifyCommand(0x11, "5678"));
    expect(send("803200910430303030")).toBe("6d00");
    expect(send("002401910430303030")).toBe("9000");
    expect(send(verifyCommand(0x11, "0000"))).toBe("9000");
  });

  test("not at all when it cannot be stored", () => {
    let torn = false;
    const persist = () => {
      if (torn) throw new Error("torn away");
    };
    const card = new VirtualCard(createCard(testContents()), { persist });
    card.powerOn();
    const send = (command: string) => toHex(card.transmit(fromHex(command)!));
    send(selects.text);
    send(verifyCommand(0x11, "5678"));
    torn = true;
    expect(send("002401910430303030")).toBe("6581");
    torn = false;
    expect(send(verifyCommand(0x11, "5678"))).toBe("9000");
  });

  test("nowhere in 券面事項確認AP: what is printed on the card is no PIN", () => {
    const { send } = poweredCard();
    send(selects.visual);
    send(verifyCommand(0x13, "123456789018"));
    expect(send("002401930c313131313131313131313131")).toBe("6d00");
    expect(send("803200930c313131313131313131313131")).toBe("6d00");
  });
});
