import { readFile, writeFile } from "node:fs/promises";
import { JpkiApplication, type SigningAlgorithm } from "@xid/card";
import { PinEntry, pinOptions } from "../card/pin-entry.ts";
import { cardOptions, withCard } from "../card/with-card.ts";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

const algorithms: SigningAlgorithm[] = ["RS256", "RS384", "RS512", "PS256", "ES384"];
const forms = ["raw", "cms", "cms-attached"] as const;

export const cardSign = defineCommand({
  positionals: ["FILE"],
  options: {
    key: { type: "string", value: "KEY", help: "署名用か利用者証明用 / signature or authentication (signature)" },
    form: { type: "string", value: "FORM", help: "形式 / raw, cms (detached) or cms-attached (raw)" },
    algorithm: { type: "string", value: "NAME", help: `raw: ${algorithms.join(", ")} (RS256; ES384 on the draft)` },
    out: { type: "string", value: "OUT", help: "署名の書き出し先 / where the signature goes (stdout)" },
    ...cardOptions,
    ...pinOptions,
  },
  notes: [
    "A signature with the signature key has the force of a registered seal: look at what you sign.",
    "raw          openssl dgst -sha256 -verify KEY -signature OUT FILE",
    "cms          openssl cms -verify -binary -inform DER -in OUT -content FILE -CAfile CA -purpose any",
    "cms-attached openssl cms -verify -binary -inform DER -in OUT -CAfile CA -purpose any",
    "raw on stdout is base64, CMS on stdout is PEM. The certificate with its name and address is inside a CMS signature.",
  ],
  async run(call) {
    const { values, positionals } = call;
    const [file] = positionals as [string];
    const key = oneOf("--key", ["signature", "authentication"] as const, values.key);
    const form = oneOf("--form", forms, values.form);
    const chosen = values.algorithm === undefined ? undefined : oneOf("--algorithm", algorithms, values.algorithm);
    if (form !== "raw" && chosen !== undefined) throw new CliError("USAGE", "--algorithm goes with --form raw");
    const content = await readFile(file).catch((cause) => {
      throw new CliError("USAGE", `cannot read ${file}`, { cause });
    });
    const pins = new PinEntry(call);
    return withCard(call, async (card, place) => {
      const jpki = await JpkiApplication.select(card, { acceptDraft: true });
      const algorithm = chosen ?? jpki.algorithm;
      if ((algorithm === "ES384") !== (jpki.algorithm === "ES384")) {
        throw new CliError("USAGE", `the keys of this card do not sign ${algorithm}`);
      }
      await pins.verifyJpki(jpki, key);
      pins.close();
      const signature =
        form === "raw"
          ? await jpki.sign(key, content, { algorithm })
          : await signedData(jpki, key, content, form === "cms");
      if (values.out !== undefined) {
        await writeFile(values.out, signature).catch((cause) => {
          throw new CliError("FILE", `cannot write ${values.out}`, { cause });
        });
      }
      const base64 = Buffer.from(signature).toString("base64");
      const printed = form === "raw" ? base64 : pem(base64);
      return { json: { ...place, key, form, algorithm, signature: base64 }, text: values.out ?? printed };
    });
  },
});

async function signedData(
  jpki: JpkiApplication,
  key: "signature" | "authentication",
  content: Uint8Array,
  detached: boolean,
) {
  const { buildSignedData, encodeEcdsaSignature } = await import("@xid/pki");
  const certificate = await jpki.readCertificate(key);
  return buildSignedData({
    content,
    detached,
    certificate,
    furtherCertificates: [await jpki.readCertificate(`${key}-ca`)],
    algorithm: jpki.algorithm,
    sign: async (bytes) => {
      const signature = await jpki.sign(key, bytes);
      return jpki.algorithm === "ES384" ? encodeEcdsaSignature(signature) : signature;
    },
    signingTime: new Date(),
  });
}

function oneOf<const Name extends string>(option: string, names: readonly Name[], given: string | undefined): Name {
  const found = given === undefined ? names[0] : names.find((name) => name === given);
  if (found === undefined) throw new CliError("USAGE", `${option} is one of ${names.join(", ")}`);
  return found;
}

function pem(base64: string): string {
  return `-----BEGIN CMS-----\n${base64.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CMS-----`;
}
