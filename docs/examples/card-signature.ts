// A customer signs a contract with the My Number Card: run this file, open http://localhost:4010.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const xid = createXid({
  issuer: XID_ISSUER,
  redirectUri: `${origin}/callback`,
  store: fileStore(`${FOLDER}/client.json`),
  registration: {
    name: { ja: "さくら銀行", en: "Sakura Bank" },
    purpose: { ja: "契約書への電子署名のため", en: "To sign a contract" },
    receivesCertificates: true,
  },
});
const text = "定期預金契約書\n\n第1条 甲は、金100万円を乙に預け入れる。\n第2条 乙は、満期に元利金を甲に支払う。\n";
const name = { ja: "定期預金契約書", en: "Time deposit agreement" };
const counterparty = { ja: "さくら銀行", en: "Sakura Bank" };

createServer(async (request, response) => {
  try {
    if (request.url === "/sign") {
      const display = { layout: "contract", title: name, counterparty, amount: 1_000_000 } as const;
      const { url, transaction } = await xid.start({ sign: { document: { text }, display } });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (!request.url?.startsWith("/callback"))
      return response.end('<h1>さくら銀行</h1><a href="/sign">契約に署名する</a>');
    const { cardSignature } = await xid.finish(request.url, /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
    writeFileSync(`${FOLDER}/contract.txt`, text);
    writeFileSync(`${FOLDER}/signature.json`, JSON.stringify(cardSignature, null, 2));
    response.end(`<h1>署名を受け取りました</h1><p id="evidence">${cardSignature?.evidenceId}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
