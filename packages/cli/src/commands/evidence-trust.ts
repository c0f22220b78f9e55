import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export const evidenceTrust = defineCommand({
  positionals: [],
  options: {
    out: { type: "string", value: "DIR", help: "where it goes; made if absent" },
    witness: { type: "string", value: "KEY", multiple: true, help: "verifier key of a witness who must have signed" },
  },
  notes: [
    "Takes the word of the platform and the sandbox as they answer now: good for trying things out. For real evidence",
    "get the authorities' certificates and the log's key from where you would believe them, and keep them.",
  ],
  async run({ values, places }) {
    if (values.out === undefined) throw new CliError("USAGE", "--out DIR is needed");
    const [cards, signing, stamping, key] = await Promise.all([
      get(`${places.sandbox}/jpki/ca/signature.pem`),
      get(`${places.platform}/ca/signing.pem`),
      get(`${places.sandbox}/tsa/ca.pem`),
      get(`${places.platform}/log/key`),
    ]);
    const root = signing.match(certificate)?.at(-1);
    const anchors = cards.match(certificate) ?? [];
    const stampers = stamping.match(certificate) ?? [];
    if (!root || anchors.length === 0 || stampers.length === 0)
      throw new CliError("UNEXPECTED_ANSWER", "no certificates were answered");
    const files: Record<string, string> = {
      "signing/root.pem": root,
      "log.key": key.trim(),
      ...numbered("card", "pem", anchors),
      ...numbered("timestamp", "pem", stampers),
      ...numbered("witness", "key", values.witness ?? []),
    };
    for (const folder of new Set(Object.keys(files).map(dirname)))
      await mkdir(join(values.out, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(values.out, name), `${text}\n`);
    return { json: { directory: values.out, files: Object.keys(files) }, text: values.out };
  },
});

function numbered(folder: string, ending: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text, number) => [`${folder}/${number + 1}.${ending}`, text]));
}

async function get(url: string): Promise<string> {
  const answer = await fetch(url).catch((cause) => {
    throw new CliError("UNREACHABLE", `${url} does not answer`, { cause });
  });
  if (!answer.ok) throw new CliError("UNEXPECTED_ANSWER", `${url} answered ${answer.status}`);
  return answer.text();
}
