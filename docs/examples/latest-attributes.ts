// Customers who agreed are kept up to date by themselves after a move: run this file, open http://localhost:4010.
import { createServer } from "node:http";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const name = { ja: "さくら銀行", en: "Sakura Bank" };
const purpose = { ja: "お届けの住所を最新に保つため", en: "To keep your address up to date" };
const store = fileStore(`${FOLDER}/client.json`);
const registration = { name, purpose };
const xid = createXid({ issuer: XID_ISSUER, redirectUri: `${origin}/callback`, store, registration });
const customers = new Map<string, string>();
const page = '<meta charset="utf-8"><meta http-equiv="refresh" content="1;url=/"><h1>さくら銀行</h1>';
let after = "0";

setInterval(async () => {
  for await (const { sub, cursor, changes, attributes } of xid.attributeChanges({ after })) {
    customers.set(sub, `${attributes.address?.formatted}（${changes[0]?.words.ja}）`);
    after = cursor; // kept in the database together with the address, so that nothing is missed
  }
}, 1000);

createServer(async (request, response) => {
  try {
    if (request.url === "/sign-in") {
      const { url, transaction } = await xid.start({ required: ["address"], latestAttributes: true });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    if (request.url?.startsWith("/callback")) {
      const transaction = /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
      const { subject, claims, latestAttributes } = await xid.finish(request.url, transaction);
      customers.set(subject, `${claims.address?.formatted}（変更の通知${latestAttributes ? "あり" : "なし"}）`);
    }
    response.setHeader("content-type", "text/html");
    response.end(`${page}<a href="/sign-in">ログイン</a>${[...customers.values()].map((row) => `<p>${row}`).join("")}`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
