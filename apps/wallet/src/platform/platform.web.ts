import { announcer } from "./announcer.web.ts";
import { createBackButton } from "./back-button.web.ts";
import { createCardReader } from "./card-reader.web.ts";
import { loadConfig } from "./config.web.ts";
import { BrowserDatabase } from "./database.web.ts";
import { BrowserKeyStore } from "./device-keys.web.ts";
import { deviceName } from "./device-name.web.ts";
import { links } from "./links.web.ts";
import { pinHash } from "./pin-hash.web.ts";
import type { Platform } from "./ports.ts";
import { saveFile } from "./save-file.web.ts";
import { BrowserSecretStore } from "./secret-store.web.ts";
import { WebAuthnVerification } from "./user-verification.web.ts";
import { windowMemory } from "./window-memory.web.ts";

const database = new BrowserDatabase("xid");
const secrets = new BrowserSecretStore(database);

export const platform: Platform = {
  name: "web",
  deviceName: deviceName(navigator.userAgent),
  loadConfig,
  createCardReader,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  keys: new BrowserKeyStore(database),
  userVerification: new WebAuthnVerification(secrets),
  secrets,
  windowMemory,
  pinHash,
  links,
  saveFile,
  announcer,
  backButton: createBackButton(window),
  envelopeCrypto: null,
  restart: () => location.reload(),
};
