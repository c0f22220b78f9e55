// A call centre has the caller confirm in their app that it is them: run this file, open http://localhost:4010.
import { createServer } from "node:http";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const name = { ja: "さくら銀行", en: "Sakura Bank" };
const purpose = { ja: "ご本人の確認のため", en: "To confirm that it is you" };
const registration = { name, purpose, backChannel: "poll" } as const;
const store = fileStore(`${FOLDER}/client.json`);
const xid = createXid({ issuer: XID_ISSUER, redirectUri: `${origin}/callback`, store, registration });
const customers = new Set<string>();

createServer(async (request, response) => {
  try {
    const { pathname, searchParams } = new URL(request.url ?? "/", origin);
    if (pathname === "/sign-in") {
      const { url, transaction } = await xid.start();
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    if (pathname === "/callback") {
      const transaction = /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
      customers.add((await xid.finish(request.url ?? "", transaction)).subject);
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    const subject = searchParams.get("call");
    if (subject === null || !customers.has(subject)) {
      const calls = [...customers].map((customer) => `<p><a href="/?call=${customer}">お客様 ${customer}</a>`);
      return response.end(`<h1>さくら銀行 コールセンター</h1><a href="/sign-in">ログイン</a>${calls.join("")}`);
    }
    const { pending } = await xid.requestApproval({ subject, message: "お電話でのお振込 100,000円の確認です" });
    const { amr } = await xid.awaitApproval(pending);
    response.end(`<h1 id="confirmed">ご本人を確認しました</h1><p>${amr.join(" ")}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
