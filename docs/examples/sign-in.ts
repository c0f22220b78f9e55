// The shortest way to a person: run this file, open http://localhost:4010.
import { createServer } from "node:http";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const name = { ja: "さくら銀行", en: "Sakura Bank" };
const xid = createXid({
  issuer: XID_ISSUER,
  redirectUri: `${origin}/callback`,
  store: fileStore(`${FOLDER}/client.json`),
  registration: { name, purpose: { ja: "ログインのため", en: "To sign you in" } },
});

createServer(async (request, response) => {
  try {
    const { pathname, search } = new URL(request.url ?? "/", origin);
    if (pathname === "/sign-in") {
      // "fresh": JPKI is asked at this very moment whether the person's certificate still stands.
      const { url, transaction } = await xid.start({ required: ["name"], acr: "fresh", maxAge: 60, uiLocales: ["ja"] });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (pathname !== "/callback") return response.end('<h1>さくら銀行</h1><a href="/sign-in">xIDでログイン</a>');
    const transaction = /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    const { claims, acr, requestId } = await xid.finish(search, transaction);
    response.end(`<h1 id="welcome">${claims.name} 様</h1><p id="acr">${acr}</p><p id="request">${requestId}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
