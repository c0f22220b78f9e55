import Constants from "expo-constants";
import { getRandomBytes } from "expo-crypto";
import { Platform as System } from "react-native";
import { announcer } from "./announcer.native.ts";
import { backButton } from "./back-button.native.ts";
import { createCardReader } from "./card-reader.native.ts";
import { PhoneKeyStore } from "./device-keys.native.ts";
import { envelopeCrypto } from "./envelope-crypto.native.ts";
import { links } from "./links.native.ts";
import { parseConfig } from "./parse-config.ts";
import { pinHash } from "./pin-hash.native.ts";
import type { Platform } from "./ports.ts";
import { saveFile } from "./save-file.native.ts";
import { PhoneSecretStore } from "./secret-store.native.ts";
import { userVerification } from "./user-verification.native.ts";
import { createWindowMemory } from "./window-memory.native.ts";

const secrets = new PhoneSecretStore();

export const platform: Platform = {
  name: System.OS === "ios" ? "ios" : "android",
  deviceName: Constants.deviceName ?? (System.OS === "ios" ? "iPhone" : "Android"),
  loadConfig: async () => parseConfig(Constants.expoConfig?.extra),
  createCardReader,
  randomBytes: (length) => Uint8Array.from(getRandomBytes(length)),
  keys: new PhoneKeyStore(secrets),
  userVerification,
  secrets,
  windowMemory: createWindowMemory(secrets),
  pinHash,
  links,
  saveFile,
  announcer,
  backButton,
  envelopeCrypto,
  restart: null,
};
