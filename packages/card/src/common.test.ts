import { describe, expect, test } from "vitest";
import { CommonApplication } from "./common.ts";
import { connectCard } from "./connect-card.ts";
import { changeResidentRegisterPin, JukiApplication } from "./juki.ts";
import type { CardConnection } from "./transport.ts";
import { createCard } from "./virtual/create-card.ts";
import { testContents } from "./virtual/test-card.ts";
import { VirtualCard } from "./virtual/virtual-card.ts";

const pins = { ...testContents().pins, residentRegister: "2468" };

function reader(): Promise<CardConnection> {
  return connectCard(new VirtualCard(createCard(testContents({ pins })), { persist: () => undefined }));
}

test("the common application answers a challenge without a PIN", async () => {
  const common = await CommonApplication.select(await reader());
  const challenge = Uint8Array.of(1, 2, 3);
  expect(await common.internalAuthenticate(challenge)).toEqual(await common.internalAuthenticate(challenge));
  await expect(common.internalAuthenticate(new Uint8Array(256))).rejects.toThrow(RangeError);
  await expect(common.internalAuthenticate(new Uint8Array())).rejects.toThrow(RangeError);
});

describe("住民基本台帳用暗証番号", () => {
  test("is counted in each application apart", async () => {
    const card = await reader();
    const common = await CommonApplication.select(card);
    await expect(common.verifyPin("0000")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 2 });
    expect(await common.triesLeft()).toBe(2);
    expect(await (await JukiApplication.select(card)).triesLeft()).toBe(3);
  });

  test("is changed in both by their own command", async () => {
    const card = await reader();
    await changeResidentRegisterPin(card, "2468", "1357");
    for (const application of [CommonApplication, JukiApplication]) {
      const selected = await application.select(card);
      await expect(selected.verifyPin("2468")).rejects.toMatchObject({ code: "PIN_WRONG", remaining: 2 });
      await selected.verifyPin("1357");
    }
  });

  test("is changed in neither when the old one is wrong, the new one has another form, or one is at its last try", async () => {
    const card = await reader();
    const refusals = async (refused: Promise<void>, code: string) => {
      await expect(refused).rejects.toMatchObject({ code });
      await (await CommonApplication.select(card)).verifyPin("2468");
    };
    await refusals(changeResidentRegisterPin(card, "0000", "1357"), "PIN_WRONG");
    await refusals(changeResidentRegisterPin(card, "2468", "12345"), "PIN_FORMAT");
    const juki = await JukiApplication.select(card);
    for (const _ of [3, 2]) await juki.verifyPin("0000").catch(() => undefined);
    await refusals(changeResidentRegisterPin(card, "2468", "1357"), "LAST_TRY");
    await changeResidentRegisterPin(card, "2468", "1357", { lastTryAllowed: true });
  });

  test("is not changed before it is verified", async () => {
    const card = await reader();
    await expect((await CommonApplication.select(card)).changePin("1357")).rejects.toMatchObject({
      code: "SECURITY_STATUS",
    });
  });
});
