/**
 * Makes `vectors/evidence/`: the evidence of an enrolment, of a sign-in and of a card signature, and whom to believe, from a platform and a
 * simulated Japan that are started for it. Every run makes others: keys and times are new.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Installation } from "../bench/installation.ts";

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
const data = await mkdtemp(join(tmpdir(), "xid-evidence-"));
const installation = await Installation.start("op,sandbox", data);
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
  query.set("authorization_details", JSON.stringify([signature]));
  await installation.xid("wallet", "sign-in", "--person", id, "--url", `${installation.platform}/authorize?${query}`);
  const acts = await untilLogged(id);
  await installation.xid("evidence", "trust", "--out", join(target, "trust"));
  for (const { evidenceId, kind } of acts) {
    const file = join(target, `${kind.replace("_", "-")}.json`);
    await installation.xid("wallet", "evidence", evidenceId, "--person", id, "--out", file);
    await writeFile(file, await readFile(file), { mode: 0o644 });
  }
} finally {
  await installation.stop();
  await rm(data, { recursive: true, force: true });
}

type Act = { evidenceId: string; kind: string; logged: boolean };

async function untilLogged(person: string): Promise<Act[]> {
  for (;;) {
    const { acts } = await installation.xid<{ acts: Act[] }>("wallet", "history", "--person", person);
    if (acts.every(({ logged }) => logged)) return acts;
  }
}
