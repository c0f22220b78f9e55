// A customer hands over their My Number for a specified account: run this file, open http://localhost:4010.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createXid, fileStore, parseCardAuthorities } from "@xid/sdk/server";

const { PORT = "4010", FOLDER = ".", XID_ISSUER = "http://localhost:4001", XID_SANDBOX } = process.env;
const origin = `http://localhost:${PORT}`;
const issuers = await fetch(`${XID_SANDBOX ?? "http://localhost:4006"}/reader/authorities`);
const authorities = parseCardAuthorities(await issuers.json());
const xid = createXid({
  issuer: XID_ISSUER,
  redirectUri: `${origin}/callback`,
  store: fileStore(`${FOLDER}/client.json`),
  registration: {
    name: { ja: "さくら証券", en: "Sakura Securities" },
    purpose: { ja: "特定口座の開設", en: "To open a specified account" },
    myNumberPurposes: ["tax.specified_account"],
    jwksUri: `${origin}/jwks`,
  },
});
createServer(async (request, response) => {
  try {
    if (request.url === "/jwks") {
      return response.setHeader("access-control-allow-origin", "*").end(JSON.stringify(await xid.publicJwks()));
    }
    if (request.url === "/hand-over") {
      const { url, transaction } = await xid.start({ myNumber: { purpose: "tax.specified_account" } });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (!request.url?.startsWith("/callback")) return response.end('<a href="/hand-over">マイナンバーを提供する</a>');
    const verified = await xid.finish(request.url, /t=([^;]+)/.exec(`${request.headers.cookie}`)?.[1]);
    const { myNumber, evidenceId } = await xid.openMyNumber(verified, { authorities });
    writeFileSync(`${FOLDER}/my-number.txt`, myNumber, { mode: 0o600 }); // where the law's safeguards are
    response.end(`<h1>受け取りました</h1><p id="evidence">${evidenceId}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
