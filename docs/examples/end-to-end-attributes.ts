// A clinic gets name and birth date end to end, and verifies them itself: run this file, open http://localhost:4010.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createXid, fileStore } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const open = { "access-control-allow-origin": "*" }; // for the person's app, which reads our keys itself
const xid = createXid({
  issuer: XID_ISSUER,
  redirectUri: `${origin}/callback`,
  store: fileStore(`${FOLDER}/client.json`),
  delivery: "end_to_end",
  registration: {
    name: { ja: "やまびこ診療所", en: "Yamabiko Clinic" },
    purpose: { ja: "初診の受付のため", en: "To register you as a patient" },
    jwksUri: `${origin}/jwks.json`,
  },
});

createServer(async (request, response) => {
  try {
    if (request.url === "/jwks.json") return response.writeHead(200, open).end(JSON.stringify(await xid.publicJwks()));
    if (request.url === "/register") {
      const { url, transaction } = await xid.start({
        required: ["name", "birthdate"],
        optional: ["gender", "address"],
      });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (!request.url?.startsWith("/callback")) return response.end('<h1>診療所</h1><a href="/register">受付する</a>');
    const given = await xid.finish(request.url, /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
    writeFileSync(`${FOLDER}/presentation.json`, JSON.stringify(given, null, 2));
    response.end(`<h1>受付しました</h1><p id="name">${given.claims.name} 様</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
