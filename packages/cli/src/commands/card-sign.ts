import { readFile, writeFile } from "node:fs/promises";
import { JpkiApplication } from "@xid/card";
import { pinOptions, pinToType } from "../card-pin-option.ts";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { withCard } from "../with-card.ts";

export const cardSign = defineCommand({
  positionals: ["ID", "FILE"],
  options: {
    key: { type: "string", value: "KEY", help: "signature or authentication (signature)" },
    out: { type: "string", value: "FILE", help: "where the 256 bytes go (base64 on stdout)" },
    ...pinOptions,
  },
  notes: [
    "RSASSA-PKCS1-v1_5 with SHA-256 over the bytes of FILE: openssl dgst -sha256 -verify KEY -signature OUT FILE",
  ],
  async run({ values, positionals: [id, file], places }) {
    const key = values.key ?? "signature";
    if (key !== "signature" && key !== "authentication") {
      throw new CliError("USAGE", "--key is signature or authentication");
    }
    const message = await readFile(file as string).catch((cause) => {
      throw new CliError("USAGE", `cannot read ${file}`, { cause });
    });
    const pin = await pinToType(places.sandbox, id as string, key, values.pin);
    const signature = await withCard(places.sandbox, id as string, async (card) => {
      const jpki = await JpkiApplication.select(card);
      await jpki.verifyPin(key, pin, { lastTryAllowed: values["last-try"] ?? false });
      return jpki.sign(key, message);
    });
    if (values.out !== undefined) await writeFile(values.out, signature);
    const base64 = Buffer.from(signature).toString("base64");
    return { json: { person: id, key, algorithm: "RS256", signature: base64 }, text: values.out ?? base64 };
  },
});
