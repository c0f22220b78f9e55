import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateDeviceKeys, openDeviceKeys, type WalletState } from "@xid/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWallet, writeWallet } from "./wallet-file.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "xid-wallet-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const wallet = (person: string): WalletState => ({
  version: 1,
  person,
  platform: "http://localhost:4001",
  device: { deviceId: "a.b", keys: generateDeviceKeys() },
  pending: null,
  opened: [],
});

describe("a wallet file", () => {
  it("gives back what went in, with keys that can be opened", async () => {
    const written = wallet("hanako");
    await writeWallet(directory, written);
    const read = await readWallet(directory, "hanako");
    expect(read).toEqual(written);
    const { x, y } = written.device?.keys.signing ?? {};
    expect(openDeviceKeys(read!.device!.keys).signing.publicJwk).toEqual({ kty: "EC", crv: "P-256", x, y });
  });

  it("is readable by its owner only, and leaves nothing beside it", async () => {
    await writeWallet(directory, wallet("taro"));
    await writeWallet(directory, wallet("taro"));
    expect((await stat(join(directory, "wallets", "taro.json"))).mode & 0o777).toBe(0o600);
    expect((await readdir(join(directory, "wallets"))).filter((name) => name.startsWith("taro"))).toEqual([
      "taro.json",
    ]);
  });

  it("is undefined when there is none", async () => {
    expect(await readWallet(directory, "nobody")).toBeUndefined();
  });

  it.each(["", "{", "{}", '{"version":2,"person":"x","platform":"p","opened":[]}', '{"version":1,"person":"other"}'])(
    "is damaged when it holds %j",
    async (text) => {
      await writeWallet(directory, wallet("x"));
      await writeFile(join(directory, "wallets", "x.json"), text);
      await expect(readWallet(directory, "x")).rejects.toMatchObject({ code: "WALLET_DAMAGED" });
    },
  );
});
