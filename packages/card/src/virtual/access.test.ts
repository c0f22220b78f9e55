import { describe, expect, test } from "vitest";
import { poweredCard, selects, verifyCommand } from "./powered-card.ts";

const textSecrets = {
  nothing: undefined,
  PIN: verifyCommand(0x11, "5678"),
  照合番号A: verifyCommand(0x14, "123456789018"),
  照合番号B: verifyCommand(0x15, "02010220352285"),
};

const visualSecrets = {
  nothing: undefined,
  生年月日: verifyCommand(0x11, "020102"),
  照合番号B: verifyCommand(0x12, "02010220352285"),
  照合番号A: verifyCommand(0x13, "123456789018"),
};

/** Which of EF 0001 to 0008 READ BINARY opens. */
function readable(application: string, verify: string | undefined): number[] {
  const { send } = poweredCard();
  send(application);
  if (verify) expect(send(verify)).toBe("9000");
  const answers = Array.from({ length: 8 }, (_, index) => send(`00b08${index + 1}0001`));
  for (const answer of answers) expect(answer).toMatch(/^(?:..9000|6982|6a82)$/);
  return answers.flatMap((answer, index) => (answer.endsWith("9000") ? [index + 1] : []));
}

describe("券面事項入力補助AP", () => {
  test.each([
    ["nothing", [4, 5, 8]],
    ["PIN", [1, 2, 3, 4, 5, 6, 7, 8]],
    ["照合番号A", [1, 3, 4, 5, 6, 7, 8]],
    ["照合番号B", [2, 3, 4, 5, 6, 7, 8]],
  ] as const)("%s opens EFs %j", (secret, files) => {
    expect(readable(selects.text, textSecrets[secret])).toEqual(files);
  });

  test("the fourth reference is blocked from the beginning", () => {
    const { send } = poweredCard();
    send(selects.text);
    expect(send("00200092")).toBe("63c0");
    expect(send(verifyCommand(0x12, "0000"))).toBe("6984");
  });
});

describe("券面事項確認AP", () => {
  test.each([
    ["nothing", [3, 4]],
    ["生年月日", [1, 3, 4]],
    ["照合番号B", [2, 3, 4, 6]],
    ["照合番号A", [2, 3, 4, 5, 6]],
  ] as const)("%s opens EFs %j", (secret, files) => {
    expect(readable(selects.visual, visualSecrets[secret])).toEqual(files);
  });
});

test("照合番号 have ten tries in each application, and are restored by the right number only", () => {
  const { send } = poweredCard();
  for (const [application, files] of [
    [selects.text, [0x14, 0x15]],
    [selects.visual, [0x12, 0x13]],
  ] as const) {
    send(application);
    for (const file of files) {
      expect(send(`002000${(0x80 | file).toString(16)}`)).toBe("63ca");
      expect(send(verifyCommand(file, "999999999999"))).toBe("63c9");
    }
  }
  send(selects.text);
  expect(send(textSecrets.照合番号A)).toBe("9000");
  expect(send("00200094")).toBe("63ca");
  expect(send("00200095")).toBe("63c9");
});

test("公的個人認証AP has references that nothing is known of, and a file that nothing opens", () => {
  const { send } = poweredCard();
  send(selects.jpki);
  send(verifyCommand(0x18, "1234"));
  send(verifyCommand(0x1b, "ABC123"));
  expect(send("00b0890010")).toBe("6982");
  expect(send("00200090")).toBe("63c0");
  expect(send("00200096")).toBe("63c0");
});

test("共通カードAP and 住基AP have the same key reference in their records", () => {
  const { send } = poweredCard();
  const records = [selects.common, selects.residentRegister].map((select) => [send(select), send("00b2011400")][1]);
  expect(records[0]).toMatch(/^0110(?:..){16}9000$/);
  expect(records[1]).toBe(records[0]);
});

test("the resident register's PIN is kept and counted in both applications apart", () => {
  const { send } = poweredCard();
  send(selects.common);
  expect(send(verifyCommand(0x1c, "0000"))).toBe("63c2");
  send(selects.residentRegister);
  expect(send("0020009c")).toBe("63c3");
  expect(send(verifyCommand(0x1c, "5678"))).toBe("9000");
});
