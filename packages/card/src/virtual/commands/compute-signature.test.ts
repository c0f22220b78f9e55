import { constants, createHash, createPublicKey, publicDecrypt, verify as verifySignature } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../hex.ts";
import { poweredCard, selects, verifyCommand } from "../powered-card.ts";
import { testKeyPairs } from "../test-card.ts";

const message = Buffer.from("本人確認");
const digest = createHash("sha256").update(message).digest();
const prefix = "3031300d060960864801650304020105000420";

function signed(p1: string, data: Uint8Array): Uint8Array {
  const { send } = poweredCard();
  send(selects.jpki);
  send(verifyCommand(0x18, "1234"));
  const answer = send(`802a${p1}97${data.length.toString(16).padStart(2, "0")}${toHex(data)}00`);
  expect(answer).toMatch(/^.{512}9000$/);
  return fromHex(answer.slice(0, 512))!;
}

describe("COMPUTE DIGITAL SIGNATURE", () => {
  const key = createPublicKey(testKeyPairs().authentication.privateKey);

  test.each([
    ["00", "the data as they are", fromHex("00ff")!, "00ff"],
    ["01", "the bare digest of a message", message, toHex(digest)],
    ["02", "a DigestInfo around a digest", digest, prefix + toHex(digest)],
    ["03", "a DigestInfo around the digest of a message", message, prefix + toHex(digest)],
  ])("with P1 %s pads %s", (p1, _, data, padded) => {
    expect(toHex(publicDecrypt(key, signed(p1, data)))).toBe(padded);
  });

  test.each([
    ["04", "a digest", digest],
    ["05", "a message", message],
  ])("with P1 %s signs %s by RSASSA-PSS, with another salt each time", (p1, _, data) => {
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const [first, second] = [signed(p1, data), signed(p1, data)];
    expect(verifySignature("sha256", message, pss, first)).toBe(true);
    expect(verifySignature("sha256", message, pss, second)).toBe(true);
    expect(first).not.toEqual(second);
  });

  test.each([
    ["06, no mode", `802a069720${toHex(digest)}00`, "6a86"],
    ["02 and 31 bytes", `802a02971f${toHex(digest.subarray(1))}00`, "6700"],
    ["04 and a message", `802a04970c${toHex(message)}00`, "6700"],
    ["03 and 256 bytes", `802a0397000100${"ab".repeat(256)}0000`, "6700"],
    ["an answer shorter than a signature", `802a00970401020304ff`, "6700"],
  ])("with P1 %s is refused", (_, command, status) => {
    const { send } = poweredCard();
    send(selects.jpki);
    send(verifyCommand(0x18, "1234"));
    expect(send(command)).toBe(status);
  });

  test("takes extended lengths", () => {
    const { send } = poweredCard();
    send(selects.jpki);
    send(verifyCommand(0x18, "1234"));
    expect(send("802a03970000030102030000")).toMatch(/^.{512}9000$/);
  });

  test("has no key of the application's own in 公的個人認証AP, and needs a reference there", () => {
    const { send } = poweredCard();
    send(selects.jpki);
    send(verifyCommand(0x18, "1234"));
    expect(send("802a030003abcdef00")).toBe("6a86");
  });
});
