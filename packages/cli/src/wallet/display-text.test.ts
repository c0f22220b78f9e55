import { expect, it } from "vitest";
import { displayText } from "./display-text.ts";

it("a document to be signed is shown whole, with its facts in both languages and its digest", () => {
  const text = displayText({
    kind: "card_signature",
    requestId: "abcdefghijklmnop",
    client: { clientId: "bank", name: { ja: "さくら銀行", en: "Sakura Bank" }, domain: "bank.example" },
    purpose: { ja: "契約", en: "Contract" },
    items: [],
    alreadyGranted: [],
    offlineAccess: false,
    via: "link",
    checkNumber: null,
    expiresAt: 2_000_000_000,
    signature: {
      display: {
        layout: "contract",
        title: { ja: "契約書", en: "Agreement" },
        counterparty: { ja: "さくら銀行", en: "Sakura Bank" },
        amount: 1_000_000,
      },
      document: { form: "text", text: "第1条\n第2条", digest: "A".repeat(43), size: 15 },
    },
  });
  for (const line of ["契約書 / Agreement", "1,000,000円", "    | 第1条\n    | 第2条", `SHA-256: ${"00".repeat(32)}`]) {
    expect(text).toContain(line);
  }
});
