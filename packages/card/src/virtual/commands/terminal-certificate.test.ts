import { describe, expect, test } from "vitest";
import { poweredCard, selects } from "../powered-card.ts";

describe("a terminal's certificate", () => {
  const body = `000133${"00".repeat(307)}`;

  test.each([
    ["with other parameters", `80a20000${body}`, "6a86"],
    ["of another length", "80a206c10400000000", "6700"],
    ["of any other kind", `80a206c1${body}`, "6300"],
  ])("%s is refused", (_, command, status) => {
    const { send } = poweredCard();
    send(selects.jpki);
    expect(send(command)).toBe(status);
  });

  test("is nothing to the other applications", () => {
    const { send } = poweredCard();
    send(selects.text);
    expect(send(`80a206c1${body}`)).toBe("6a88");
  });
});
