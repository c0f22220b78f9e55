import { JpkiApplication, type JpkiCertificate } from "@xid/card";
import { pinOptions, pinToType } from "../card-pin-option.ts";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";
import { withCard } from "../with-card.ts";

const certificates: JpkiCertificate[] = ["signature", "authentication", "signature-ca", "authentication-ca"];

export const cardRead = defineCommand({
  positionals: ["ID"],
  options: {
    certificate: { type: "string", value: "WHICH", help: `${certificates.join(", ")} (authentication)` },
    ...pinOptions,
  },
  notes: ["Only the signature certificate needs a PIN. Prints PEM."],
  async run({ values, positionals: [id], places }) {
    const which = certificates.find((name) => name === (values.certificate ?? "authentication"));
    if (!which) throw new CliError("USAGE", `--certificate is one of ${certificates.join(", ")}`);
    const pin = which === "signature" ? await pinToType(places.sandbox, id as string, which, values.pin) : undefined;
    const der = await withCard(places.sandbox, id as string, async (card) => {
      const jpki = await JpkiApplication.select(card);
      if (pin !== undefined) await jpki.verifyPin("signature", pin, { lastTryAllowed: values["last-try"] ?? false });
      return jpki.readCertificate(which);
    });
    const base64 = Buffer.from(der).toString("base64");
    const pem = `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----`;
    return { json: { person: id, certificate: which, der: base64, pem: `${pem}\n` }, text: pem };
  },
});
