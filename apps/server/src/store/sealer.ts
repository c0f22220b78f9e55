import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes } from "node:crypto";
import { z } from "zod";
import { readOrCreateKeyFile } from "./key-file.ts";

const formatVersion = 1;
const keyIdLength = 4;
const nonceLength = 12;
const tagLength = 16;
const headerLength = 1 + keyIdLength + nonceLength;

/** A `KeyObject`: given the bytes themselves, node:crypto prepares the key anew at each use, which costs six times more. */
const key = z.base64url().transform((text, context) => {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== 32) context.addIssue({ code: "custom", message: "a key is 32 bytes" });
  return createSecretKey(bytes);
});

const SealerKeys = z.strictObject({
  /** The first one seals, every one opens. */
  sealing: z.array(z.strictObject({ id: z.string().regex(/^[0-9a-f]{8}$/), key })).min(1),
  lookup: key,
});
export type SealerKeys = z.infer<typeof SealerKeys>;

export class SealerError extends Error {
  readonly code: "UNKNOWN_KEY" | "NOT_AUTHENTIC";

  constructor(code: SealerError["code"], options: { cause?: unknown } = {}) {
    super(code === "UNKNOWN_KEY" ? "sealed under a key that is not here" : "sealed value is not authentic", options);
    this.name = "SealerError";
    this.code = code;
  }
}

/**
 * Field encryption (AES-256-GCM, NIST SP 800-38D, random nonce) and keyed hashes (HMAC-SHA-256), under keys that the
 * database never sees. A sealed value is version(1) ‖ key id(4) ‖ nonce(12) ‖ ciphertext ‖ tag(16).
 */
export class Sealer {
  readonly #keys: SealerKeys;

  constructor(keys: SealerKeys) {
    this.#keys = keys;
  }

  /** `context` names the place, "table.column:row key": a value moved to another row or column does not open there. */
  seal(context: string, plaintext: Uint8Array | string): Buffer {
    const { id, key } = this.#keys.sealing[0]!;
    const header = Buffer.concat([Buffer.of(formatVersion), Buffer.from(id, "hex"), randomBytes(nonceLength)]);
    const cipher = createCipheriv("aes-256-gcm", key, header.subarray(1 + keyIdLength), { authTagLength: tagLength });
    cipher.setAAD(Buffer.concat([header, Buffer.from(context, "utf8")]));
    const text = typeof plaintext === "string" ? Buffer.from(plaintext, "utf8") : plaintext;
    return Buffer.concat([header, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `SealerError`. */
  open(context: string, sealed: Uint8Array): Buffer {
    const value = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (value.length < headerLength + tagLength || value[0] !== formatVersion) throw new SealerError("NOT_AUTHENTIC");
    const header = value.subarray(0, headerLength);
    const id = header.subarray(1, 1 + keyIdLength).toString("hex");
    const key = this.#keys.sealing.find((candidate) => candidate.id === id)?.key;
    if (!key) throw new SealerError("UNKNOWN_KEY");
    const nonce = header.subarray(1 + keyIdLength);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength });
    decipher.setAAD(Buffer.concat([header, Buffer.from(context, "utf8")]));
    decipher.setAuthTag(value.subarray(value.length - tagLength));
    try {
      return Buffer.concat([decipher.update(value.subarray(headerLength, value.length - tagLength)), decipher.final()]);
    } catch (cause) {
      throw new SealerError("NOT_AUTHENTIC", { cause });
    }
  }

  /** 32 bytes by which an equal value is found again. `purpose` ("certificates.serial") keeps the kinds apart. */
  lookup(purpose: string, value: string | Uint8Array): Buffer {
    return createHmac("sha256", this.#keys.lookup).update(purpose, "utf8").update("\0").update(value).digest();
  }
}

/** Takes `sealing.json` of the key folder, made at the first start. Throws on a damaged file. */
export async function loadSealer(keyDirectory: string): Promise<Sealer> {
  const text = await readOrCreateKeyFile(keyDirectory, "sealing.json", () =>
    JSON.stringify({
      sealing: [{ id: randomBytes(4).toString("hex"), key: randomBytes(32).toString("base64url") }],
      lookup: randomBytes(32).toString("base64url"),
    }),
  );
  return new Sealer(SealerKeys.parse(JSON.parse(text)));
}
