import { readFile } from "node:fs/promises";
import { myNumberPurposes } from "@xid/protocol";
import {
  parseEvidenceFile,
  readTrustDirectory,
  type VerifiedCardSignature,
  type VerifiedClientEvidence,
  type VerifiedDocumentSignature,
  type VerifiedEvidence,
  type VerifiedMyNumber,
  verifyClientEvidence,
  verifyEvidence,
} from "@xid/sdk/evidence";
import { CliError } from "../cli-error.ts";
import { defineCommand } from "../command.ts";

export const evidenceVerify = defineCommand({
  positionals: ["FILE"],
  options: {
    trust: { type: "string", value: "DIR", help: "whom to believe; see below" },
    list: { type: "string", value: "FILE", multiple: true, help: "a revocation list that is too long to be in FILE" },
  },
  notes: [
    "Works offline. DIR holds card/ (authorities of the JPKI), signing/ (roots of the platform), log.key (the log's",
    "verifier key), and perhaps timestamp/ (roots of time-stamping authorities, one of which must then have stamped) and",
    "witness/*.key, who must all have signed, or as many as the number in witness/quorum.",
    "`xid evidence trust` makes one for a sandbox.",
  ],
  async run({ values, positionals: [file] }) {
    if (values.trust === undefined)
      throw new CliError("USAGE", "--trust DIR is needed: evidence proves nothing by itself");
    const trust = await readTrustDirectory(values.trust);
    const lists = await Promise.all((values.list ?? []).map(read));
    const value = parseEvidenceFile(await read(file as string));
    if ((value as { format?: unknown } | null)?.format === "xid-client-evidence-v1") {
      const verified = verifyClientEvidence(value, trust, lists);
      return { json: presentClient(verified), text: clientWords(verified).join("\n") };
    }
    const verified = verifyEvidence(value, trust, lists);
    return { json: present(verified), text: words(verified).join("\n") };
  },
});

function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause) => {
    throw new CliError("USAGE", `${file} cannot be read`, { cause });
  });
}

function present(verified: VerifiedEvidence) {
  const { evidenceId, kind, time, checkpoint, existedBefore, enrolment } = verified;
  return {
    verified: true,
    evidenceId,
    kind,
    time: time.toISOString(),
    log: { origin: checkpoint.origin, size: checkpoint.size, witnesses: checkpoint.witnesses },
    existedBefore: existedBefore && { ...existedBefore, time: existedBefore.time.toISOString() },
    card: { serial: enrolment.certificate.serialNumber.toString("hex") },
    ...(verified.kind === "sign_in"
      ? {
          clientId: verified.signIn.statement.clientId,
          items: verified.signIn.statement.items,
          level: verified.signIn.level ?? null,
          changed: verified.signIn.changed,
        }
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
    ...(verified.kind === "document_signature" ? presentDocument(verified.documentSignature) : {}),
    ...(verified.kind === "identity_refresh"
      ? { clientId: verified.refresh.statement.clientId, items: verified.refresh.statement.items }
      : {}),
    ...(verified.kind === "my_number"
      ? {
          clientId: verified.myNumber.statement.clientId,
          items: verified.myNumber.statement.items,
          purpose: verified.myNumber.purpose,
          lawVersion: verified.myNumber.lawVersion,
          envelopeDigest: verified.myNumber.envelopeDigest,
          holderKey: verified.myNumber.holderKey,
        }
      : {}),
  };
}

function presentDocument({ statement, signing, signingCertificate, messageDigest }: VerifiedDocumentSignature) {
  return {
    clientId: statement.clientId,
    items: statement.items,
    format: signing.format,
    layout: signing.layout,
    document: signing.document,
    messageDigest: messageDigest && Buffer.from(messageDigest).toString("base64url"),
    signedBy: signingCertificate.serialNumber.toString("hex"),
  };
}

function presentClient({
  record,
  time,
  checkpoint,
  existedBefore,
  items,
  certificate,
  method,
}: VerifiedClientEvidence) {
  const { evidenceId, kind, clientId, requestId, identityChanged } = record;
  const hidden = record.items.map(({ name }) => name).filter((name) => !(name in items));
  return {
    verified: true,
    evidenceId,
    kind,
    time: time.toISOString(),
    log: { origin: checkpoint.origin, size: checkpoint.size, witnesses: checkpoint.witnesses },
    existedBefore: existedBefore && { ...existedBefore, time: existedBefore.time.toISOString() },
    clientId,
    requestId,
    items,
    hidden,
    identityChanged,
    card: certificate && { serial: certificate.certificate.serialNumber.toString("hex") },
    method,
  };
}

/** What was checked of a relying party's evidence, a line each. */
function clientWords(verified: VerifiedClientEvidence): string[] {
  const { record, items, certificate, statusCheckedAt, method } = verified;
  const shown = Object.keys(items);
  const hidden = record.items.map(({ name }) => name).filter((name) => !(name in items));
  return [
    ...provenWords(record.evidenceId, verified),
    `  ${record.clientId} への提供 (依頼 ${record.requestId}) / let go to ${record.clientId}, request ${record.requestId}`,
    `  目的 / purpose: ${record.purpose.ja} / ${record.purpose.en}`,
    `  示された項目は記録どおりです / these items are as they were let go: ${shown.join(" ") || "-"}`,
    ...(hidden.length > 0 ? [`  伏せられている項目 / hidden: ${hidden.join(" ")}`] : []),
    certificate
      ? `  証明書は信頼できる認証局のもので、項目と同じ人のものです / the certificate is a trusted authority's, and names the same person`
      : "  証明書は示されていません / the card's certificate is not shown",
    ...(certificate && record.identityChanged
      ? [`  そのとき証明書は失効または期限切れでした / it had ended by then: ${record.identityChanged}`]
      : []),
    ...(certificate && !record.identityChanged
      ? [`  証明書は有効でした / it was good at ${statusCheckedAt?.toISOString()}`]
      : []),
    ...(method
      ? [
          `  確認方法 / method: ${method.law}${method.letter ?? ""} (${method.lawVersion} 施行 / in force), ${method.name}`,
        ]
      : []),
  ];
}

/** What was checked of an act, a line each. */
function words(verified: VerifiedEvidence): string[] {
  const { enrolment } = verified;
  const lines = [
    ...provenWords(verified.evidenceId, verified),
    `  カードの署名は正しく、証明書は信頼できる認証局のものです / the card signed for the device's keys, with a certificate of a trusted authority`,
    `  証明書は有効でした / the certificate was good at ${enrolment.statusCheckedAt.toISOString()}`,
  ];
  if (verified.kind === "enrolment") return lines;
  const { statement, statusCheckedAt } = approvalOf(verified);
  const changed = verified.kind === "sign_in" ? verified.signIn.changed : null;
  return [
    ...lines,
    ...(verified.kind === "sign_in" && verified.signIn.level === "card"
      ? ["  カードもその場で署名しました / the card itself signed for this one request"]
      : []),
    ...(verified.kind === "card_signature" ? signatureWords(verified.cardSignature) : []),
    ...(verified.kind === "document_signature" ? documentWords(verified.documentSignature) : []),
    ...(verified.kind === "my_number" ? handOverWords(verified.myNumber) : []),
    `  端末は、表示された内容そのものに署名しました / the device signed exactly what was shown, for ${statement.clientId}`,
    `  渡した項目 / items: ${statement.items.join(" ") || "-"}`,
    ...(verified.kind === "identity_refresh"
      ? ["  この依頼のためにカードが読み取られました / the card was read for this request"]
      : []),
    changed
      ? `  承認のとき証明書はすでに失効または期限切れでした / the certificate had ended by then: ${changed}`
      : `  承認のときも証明書は有効でした / and the certificate was good then (${statusCheckedAt.toISOString()})`,
  ];
}

/** What every record shares: the log, those who vouch for it, the time. */
function provenWords(
  evidenceId: string,
  { checkpoint, time, existedBefore }: Pick<VerifiedEvidence, "checkpoint" | "time" | "existedBefore">,
): string[] {
  const witnesses = checkpoint.witnesses.map(
    (witness) => `${witness.name} (${new Date(witness.time * 1000).toISOString()})`,
  );
  return [
    `確認できました / verified: ${evidenceId}`,
    `  ${time.toISOString()} (platform's clock)`,
    `  記録に含まれています / the log ${checkpoint.origin} of ${checkpoint.size} entries holds the record`,
    `  立会人 / witnesses: ${witnesses.join(", ") || "なし / none"}`,
    existedBefore
      ? `  ${existedBefore.time.toISOString()} より前に存在しました / existed before then: ${existedBefore.authority}`
      : "  タイムスタンプは確認していません / time stamps were not looked at: DIR names no authority",
  ];
}

function approvalOf(verified: Exclude<VerifiedEvidence, { kind: "enrolment" }>) {
  switch (verified.kind) {
    case "sign_in":
      return verified.signIn;
    case "card_signature":
      return verified.cardSignature;
    case "document_signature":
      return verified.documentSignature;
    case "identity_refresh":
      return verified.refresh;
    case "my_number":
      return verified.myNumber;
  }
}

function documentWords({ signing, signingCertificate }: VerifiedDocumentSignature): string[] {
  const { document, format } = signing;
  const what = document.form === "none" ? "表示された内容 / what was shown" : document.name;
  const digest = document.form === "none" ? [] : [Buffer.from(document.digest, "base64url").toString("hex")];
  return [
    `  端末の署名用の鍵は、表示された文書に署名しました / the device's signing key signed what was shown: ${what} (${format})`,
    `    ${[...digest, `serial ${signingCertificate.serialNumber.toString("hex")}`].join(", ")}`,
  ];
}

function handOverWords({ purpose, lawVersion, envelopeDigest }: VerifiedMyNumber): string[] {
  const { name, law } = myNumberPurposes[purpose];
  return [
    `  マイナンバーを封筒に入れて渡しました / the My Number went in an envelope for the service alone: ${name.ja} / ${name.en}`,
    `    ${law.ja} / ${law.en} (${lawVersion})`,
    `    SHA-256 ${Buffer.from(envelopeDigest, "base64url").toString("hex")} (封筒 / envelope; 番号は記録にありません / the number is not in the record)`,
  ];
}

function signatureWords({ document, certificate }: VerifiedCardSignature): string[] {
  const what = document.form === "file" ? document.name : `文書 / a text of ${document.size} bytes`;
  return [
    `  カードは、表示された文書に署名しました / the card signed the document that was shown: ${what}`,
    `    SHA-256 ${Buffer.from(document.digest, "base64url").toString("hex")}, serial ${certificate.serialNumber.toString("hex")}`,
  ];
}
