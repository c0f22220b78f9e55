import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const app = fileURLToPath(new URL("..", import.meta.url));

type Attributes = Record<string, string>;
type NativeConfig = {
  ios: { infoPlist: Record<string, unknown>; entitlements: Record<string, unknown> };
  android: {
    manifest: { manifest: { "uses-permission": { $: Attributes }[]; application: [{ $: Attributes }] } };
  };
};

describe("the native projects that Expo makes of app.json", () => {
  let config: NativeConfig;

  beforeAll(() => {
    const expo = join(dirname(createRequire(import.meta.url).resolve("expo/package.json")), "bin/cli");
    const output = execFileSync(process.execPath, [expo, "config", "--type", "introspect", "--json"], {
      cwd: app,
      env: { ...process.env, CI: "1", EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    config = JSON.parse(output)._internal.modResults;
  });

  it("ask Android for the card, the camera and the holder, and for nothing else that matters", () => {
    const permissions = config.android.manifest.manifest["uses-permission"]
      .filter(({ $ }) => $["tools:node"] !== "remove")
      .map(({ $ }) => $["android:name"]?.replace("android.permission.", ""));
    expect(permissions.sort()).toEqual(["CAMERA", "INTERNET", "NFC", "USE_BIOMETRIC", "USE_FINGERPRINT", "VIBRATE"]);
  });

  it("keep the app's data out of Android's backups", () => {
    expect(config.android.manifest.manifest.application[0].$["android:allowBackup"]).toBe("false");
  });

  it("name the card's applications to iOS, which lets no others through", () => {
    const { infoPlist, entitlements } = config.ios;
    expect(infoPlist["com.apple.developer.nfc.readersession.iso7816.select-identifiers"]).toEqual([
      "D392F000260100000001",
      "D3921000310001010408",
    ]);
    expect(entitlements["com.apple.developer.nfc.readersession.formats"]).toEqual(["TAG"]);
  });

  it("say to iOS what the card, the camera and the face are for, and keep its connections encrypted", () => {
    const { infoPlist } = config.ios;
    for (const name of ["NFCReaderUsageDescription", "NSCameraUsageDescription", "NSFaceIDUsageDescription"]) {
      expect(infoPlist[name], name).toMatch(/ために使います。$/);
    }
    expect(infoPlist.NSMicrophoneUsageDescription).toBeUndefined();
    expect(infoPlist.NSAppTransportSecurity).toMatchObject({ NSAllowsArbitraryLoads: false });
  });
});
