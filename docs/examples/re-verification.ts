// A bank asks whether its customers' data still hold, and to read the card again: run this file, open http://localhost:4010.
import { createServer } from "node:http";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const name = { ja: "みどり信用金庫", en: "Midori Bank" };
const purpose = { ja: "お取引時の確認のため", en: "To verify our customers" };
const registration = { name, purpose, receivesCertificates: true, identityChangePolicy: "require" } as const;
const store = fileStore(`${FOLDER}/client.json`);
const xid = createXid({ issuer: XID_ISSUER, redirectUri: `${origin}/callback`, store, registration });

createServer(async (request, response) => {
  try {
    if (request.url === "/sign-in" || request.url === "/refresh") {
      const refreshIdentity = request.url === "/refresh";
      const { url, transaction } = await xid.start({ required: ["name", "address"], refreshIdentity });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (request.url === "/check") {
      const { results } = await xid.checkIdentities("all");
      const rows: string[] = [];
      for await (const { sub, status, reason, checkedAt } of results)
        rows.push(`<li id="status">${sub} ${status} ${reason ?? ""} (${checkedAt})`);
      return response.end(`<ul>${rows.join("")}</ul><a href="/refresh">カードの読み取りをお願いする</a>`);
    }
    if (!request.url?.startsWith("/callback"))
      return response.end('<h1>みどり信用金庫</h1><a href="/sign-in">ログイン</a> <a href="/check">お客様の確認</a>');
    const { claims } = await xid.finish(request.url, /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
    response.end(`<h1>${claims.name} 様</h1><p id="address">${claims.address?.formatted}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
