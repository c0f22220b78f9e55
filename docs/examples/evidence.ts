// A bank keeps the evidence of each sign-in, and checks it without the platform: run this file, open http://localhost:4010.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { setTimeout } from "node:timers/promises";
import { readTrustDirectory, verifyClientEvidence } from "@xid/sdk/evidence";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const xid = createXid({
  issuer: XID_ISSUER,
  redirectUri: `http://localhost:${PORT}/callback`,
  store: fileStore(`${FOLDER}/client.json`),
  registration: {
    name: { ja: "さくら銀行", en: "Sakura Bank" },
    purpose: { ja: "口座開設時の本人確認のため", en: "To verify you for a new account" },
    receivesCertificates: true,
  },
});

createServer(async (request, response) => {
  try {
    if (request.url === "/sign-in") {
      const { url, transaction } = await xid.start({ required: ["name", "birthdate", "gender", "address"] });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (!request.url?.startsWith("/callback")) return response.end('<a href="/sign-in">口座を開設する</a>');
    const verified = await xid.finish(request.url, /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
    let evidence = await xid.evidence(verified);
    // The log, its witnesses and the time-stamping authority take a moment.
    for (; "act" in evidence || !evidence.log?.timestamp; evidence = await xid.evidence(verified))
      await setTimeout(1000);
    writeFileSync(`${FOLDER}/evidence.json`, JSON.stringify(evidence));
    const { items, method } = verifyClientEvidence(evidence, await readTrustDirectory(`${FOLDER}/trust`));
    response.end(`<h1>${items.name} 様</h1><p id="method">${method?.law}${method?.letter}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(`http://localhost:${PORT}`));
