// Two people sign a contract with the keys of their devices: run this file, open http://localhost:4010.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const registration = {
  name: { ja: "さくら銀行", en: "Sakura Bank" },
  purpose: { ja: "契約書への電子署名のため", en: "To sign a contract" },
};
const store = fileStore(`${FOLDER}/client.json`);
const xid = createXid({ issuer: XID_ISSUER, redirectUri: `${origin}/callback`, store, registration });
const title = { ja: "定期預金契約書", en: "Time deposit agreement" };
const contract = xid.signDocument({
  pdf: readFileSync(new URL("contract.pdf", import.meta.url)),
  name: "定期預金契約書.pdf",
  display: { layout: "contract", title, counterparty: registration.name, amount: 1_000_000 },
  level: "B-LT",
  signers: [70, 310].map((left) => ({ seal: { page: 2, rectangle: [left, 538, left + 210, 588], reason: "承諾" } })),
});

createServer(async (request, response) => {
  try {
    if (request.url === "/sign") {
      const { url, transaction } = await xid.start({ document: await contract });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (!request.url?.startsWith("/callback"))
      return response.end('<h1>さくら銀行</h1><a href="/sign">契約書に署名する</a>');
    const { documentSignature } = await xid.finish(request.url, /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
    writeFileSync(`${FOLDER}/signed.pdf`, await xid.downloadSigned(await contract));
    const { state } = await xid.documentState(await contract);
    response.end(`<h1>署名を受け取りました</h1><p id="${state}">${documentSignature?.evidenceId}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
