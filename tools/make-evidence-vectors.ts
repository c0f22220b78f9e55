/**
 * Makes `vectors/evidence/`: the evidence of an enrolment, of a sign-in, of one with the card itself, of a card signature and of a document signature, and whom to believe, from a platform and a
 * simulated Japan that are started for it. Every run makes others: keys and times are new.
 */
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatNoteKey } from "@xid/pki";
import { createXid, fileStore } from "@xid/sdk/server";
import { fileWitnessStore, startWitness, Witness } from "@xid/sdk/witness";
import { freePortBase, Installation } from "../bench/installation.ts";

const target = new URL("../vectors/evidence/", import.meta.url).pathname;
const signature = {
  type: "urn:xid:card-signature",
  document: { text: "定期預金契約書\n第1条 甲は、金100万円を乙に預け入れる。\n" },
  display: {
    layout: "contract",
    title: { ja: "定期預金契約書", en: "Time deposit agreement" },
    counterparty: { ja: "例銀行", en: "Example Bank" },
    amount: 1_000_000,
  },
};
const transfer = {
  type: "urn:xid:document-signature",
  format: "cms",
  level: "B-T",
  display: {
    layout: "transfer",
    payee: { ja: "例商店", en: "Example Shop" },
    account: { ja: "例銀行 本店 普通 1234567", en: "Example Bank, main branch, 1234567" },
    amount: 100_000,
  },
};
const data = await mkdtemp(join(tmpdir(), "xid-evidence-"));
const ports = await freePortBase();
const witness = await witnessOf(`localhost:${ports + 1}/log`);
const installation = await Installation.start("op,sandbox", data, ports);
try {
  const { id } = await installation.xid<{ id: string }>("person", "create", "--persona", "default");
  await installation.xid("wallet", "enrol", "--person", id);
  const redirect = "http://localhost:3000/callback";
  const register = ["client", "register", "--name", "Example", "--redirect-uri", redirect];
  const { client_id } = await installation.xid<{ client_id: string }>(...register);
  const query = new URLSearchParams({
    client_id,
    redirect_uri: redirect,
    response_type: "code",
    scope: "openid",
    state: "state",
    nonce: "nonce",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
    claims: JSON.stringify({ userinfo: { name: { essential: true }, address: null } }),
  });
  await installation.xid("wallet", "sign-in", "--person", id, "--url", `${installation.platform}/authorize?${query}`);
  query.delete("claims");
  for (const detail of [signature, transfer]) {
    query.set("authorization_details", JSON.stringify([detail]));
    await installation.xid("wallet", "sign-in", "--person", id, "--url", `${installation.platform}/authorize?${query}`);
  }
  query.delete("authorization_details");
  query.set("acr_values", "urn:xid:acr:card-presented");
  await installation.xid("wallet", "sign-in", "--person", id, "--url", `${installation.platform}/authorize?${query}`);
  const { acts: soFar } = await installation.xid<{ acts: Act[] }>("wallet", "history", "--person", id);
  const bank = createXid({
    issuer: installation.platform,
    redirectUri: redirect,
    store: fileStore(join(data, "bank.json")),
    registration: {
      name: { ja: "例銀行", en: "Example Bank" },
      purpose: { ja: "口座開設時の本人確認のため", en: "To verify you for a new account" },
      receivesCertificates: true,
    },
  });
  const { url, transaction } = await bank.start({ required: ["name", "birthdate"], optional: ["address", "gender"] });
  const wanted = ["--items", "name,birthdate,address,gender"];
  const browsed = await installation.xid<{ redirect: string }>(
    "wallet",
    "sign-in",
    "--person",
    id,
    "--url",
    url,
    ...wanted,
  );
  const verified = await bank.finish(browsed.redirect, transaction);
  const trust = join(target, "trust");
  await rm(trust, { recursive: true, force: true });
  await installation.xid("evidence", "trust", "--out", trust, "--witness", witness.key);
  const { acts } = await installation.xid<{ acts: Act[] }>("wallet", "history", "--person", id);
  const received = join(target, "client-sign-in.json");
  await untilVerified(received, trust, async () => writeFile(received, JSON.stringify(await bank.evidence(verified))));
  // The newest of each kind comes first: that of the bank has its own file.
  for (const { evidenceId, kind } of acts.slice(1)) {
    const name = evidenceId === soFar[0]?.evidenceId ? "card-presented" : kind.replace("_", "-");
    const file = join(target, `${name}.json`);
    await untilVerified(file, trust, () =>
      installation.xid("wallet", "evidence", evidenceId, "--person", id, "--out", file),
    );
    await chmod(file, 0o644);
  }
} finally {
  await installation.stop();
  await witness.close();
  await rm(data, { recursive: true, force: true });
}

type Act = { evidenceId: string; kind: string };

/** The log, a witness and the time-stamping authority take a moment each. */
async function untilVerified(file: string, trust: string, take: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await take();
      await installation.xid("evidence", "verify", file, "--trust", trust);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** A witness for a log whose key is made here, before its platform starts. */
async function witnessOf(log: string): Promise<{ key: string; close(): Promise<void> }> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  await mkdir(join(data, "keys"), { recursive: true, mode: 0o700 });
  await writeFile(join(data, "keys", "evidence-log.json"), JSON.stringify({ privateKey: pem }), { mode: 0o600 });
  const witness = new Witness({
    name: "city.example/witness",
    privateKey: generateKeyPairSync("ed25519").privateKey,
    logs: [{ name: log, kind: "ed25519", publicKey: createPublicKey(privateKey) }],
    store: await fileWitnessStore(join(data, "witness")),
  });
  const { url, close } = await startWitness(witness, { port: 0 });
  const key = formatNoteKey(witness.key);
  process.env.XID_WITNESSES = `${key} ${url}`;
  return { key, close };
}
