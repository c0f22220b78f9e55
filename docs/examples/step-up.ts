// Who is signed in, and wants something that weighs more, presents the card itself: run this file, open http://localhost:4010.
import { createServer } from "node:http";
import { acrs, createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const name = { ja: "さくら銀行", en: "Sakura Bank" };
const xid = createXid({
  issuer: XID_ISSUER,
  redirectUri: `${origin}/callback`,
  store: fileStore(`${FOLDER}/client.json`),
  registration: { name, purpose: { ja: "お取引のため", en: "To bank with you" } },
});
/** One customer at a time is enough for an example. */
let signedIn: string | undefined;

createServer(async (request, response) => {
  try {
    const { pathname, search } = new URL(request.url ?? "/", origin);
    if (pathname === "/sign-in" || pathname === "/raise-limit") {
      const stepUp = pathname === "/raise-limit" && signedIn ? ({ acr: "card", subject: signedIn } as const) : {};
      const { url, transaction } = await xid.start(stepUp);
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (pathname !== "/callback") return response.end('<h1>さくら銀行</h1><a href="/sign-in">ログイン</a>');
    const transaction = /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    const { subject, acr, amr } = await xid.finish(search, transaction);
    signedIn = subject;
    const done = acr === acrs.card ? "<h1 id='raised'>振込限度額を引き上げました</h1>" : "<h1>ようこそ</h1>";
    response.end(`${done}<p id="amr">${amr.join(" ")}</p><a href="/raise-limit">振込限度額を引き上げる</a>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
