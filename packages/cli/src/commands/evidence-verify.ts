import { readFile } from "node:fs/promises";
import {
  EvidenceError,
  readTrustDirectory,
  type VerifiedCardSignature,
  type VerifiedEvidence,
  verifyEvidence,
} from "@xid/sdk/evidence";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

/** Larger files are not evidence. */
const largestFile = 64 * 1024 * 1024;

export const evidenceVerify = defineCommand({
  positionals: ["FILE"],
  options: { trust: { type: "string", value: "DIR", help: "whom to believe; see below" } },
  notes: [
    "Works offline. DIR holds card/ (authorities of the JPKI), signing/ (roots of the platform), log.key (the log's",
    "verifier key), and perhaps witness/*.key, who must all have signed. `xid evidence trust` makes one for a sandbox.",
  ],
  async run({ values, positionals: [file] }) {
    if (values.trust === undefined)
      throw new CliError("USAGE", "--trust DIR is needed: evidence proves nothing by itself");
    const trust = await readTrustDirectory(values.trust);
    const verified = verifyEvidence(await readEvidence(file as string), trust);
    return { json: present(verified), text: words(verified).join("\n") };
  },
});

async function readEvidence(file: string): Promise<unknown> {
  const bytes = await readFile(file).catch((cause) => {
    throw new CliError("USAGE", `${file} cannot be read`, { cause });
  });
  try {
    if (bytes.length > largestFile) throw new RangeError("too large");
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw new EvidenceError("MALFORMED", `${file} is not an evidence file`, { cause });
  }
}

function present(verified: VerifiedEvidence) {
  const { evidenceId, kind, time, checkpoint, enrolment } = verified;
  return {
    verified: true,
    evidenceId,
    kind,
    time: time.toISOString(),
    log: { origin: checkpoint.origin, size: checkpoint.size, witnesses: checkpoint.witnesses },
    card: { serial: enrolment.certificate.serialNumber.toString("hex") },
    ...(verified.kind === "sign_in"
      ? { clientId: verified.signIn.statement.clientId, items: verified.signIn.statement.items }
      : {}),
    ...(verified.kind === "card_signature"
      ? {
          clientId: verified.cardSignature.statement.clientId,
          items: verified.cardSignature.statement.items,
          document: {
            digest: verified.cardSignature.document.digest,
            size: verified.cardSignature.document.size,
            name: verified.cardSignature.document.form === "file" ? verified.cardSignature.document.name : null,
          },
          signedBy: verified.cardSignature.certificate.serialNumber.toString("hex"),
        }
      : {}),
  };
}

/** What was checked, a line each. */
function words(verified: VerifiedEvidence): string[] {
  const { checkpoint, time, enrolment } = verified;
  const witnesses = checkpoint.witnesses.map((witness) => witness.name).join(", ");
  const lines = [
    `確認できました / verified: ${verified.evidenceId}`,
    `  ${time.toISOString()} (platform's clock)`,
    `  記録に含まれています / the log ${checkpoint.origin} of ${checkpoint.size} entries holds the record`,
    `  立会人 / witnesses: ${witnesses || "なし / none"}`,
    `  カードの署名は正しく、証明書は信頼できる認証局のものです / the card signed for the device's keys, with a certificate of a trusted authority`,
    `  証明書は有効でした / the certificate was good at ${enrolment.statusCheckedAt.toISOString()}`,
  ];
  if (verified.kind === "enrolment") return lines;
  const { statement, statusCheckedAt } = verified.kind === "sign_in" ? verified.signIn : verified.cardSignature;
  return [
    ...lines,
    ...(verified.kind === "card_signature" ? signatureWords(verified.cardSignature) : []),
    `  端末は、表示された内容そのものに署名しました / the device signed exactly what was shown, for ${statement.clientId}`,
    `  渡した項目 / items: ${statement.items.join(" ") || "-"}`,
    `  承認のときも証明書は有効でした / and the certificate was good then (${statusCheckedAt.toISOString()})`,
  ];
}

function signatureWords({ document, certificate }: VerifiedCardSignature): string[] {
  const what = document.form === "file" ? document.name : `文書 / a text of ${document.size} bytes`;
  return [
    `  カードは、表示された文書に署名しました / the card signed the document that was shown: ${what}`,
    `    SHA-256 ${Buffer.from(document.digest, "base64url").toString("hex")}, serial ${certificate.serialNumber.toString("hex")}`,
  ];
}
