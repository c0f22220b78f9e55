// A shop asks for an age, and who vouches for a name and an address: run this file, open http://localhost:4010.
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
    name: { ja: "みどり酒店", en: "Midori Liquors" },
    purpose: { ja: "お酒の販売と配達のため", en: "To sell and deliver drinks" },
  },
});

createServer(async (request, response) => {
  try {
    if (request.url === "/order") {
      const purpose = { ja: "20歳未満の方には販売できません", en: "We may not sell to anybody under 20" };
      const { url, transaction } = await xid.start({
        required: [{ name: "age_over_20", values: [true], purpose }],
        optional: ["family_name", "municipality"],
        verifiedClaims: { items: ["name", "address"], maxAge: 5 * 365 * 86_400, evidence: true },
      });
      return response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    if (!request.url?.startsWith("/callback")) return response.end('<h1>みどり酒店</h1><a href="/order">注文する</a>');
    const transaction = /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    const { claims, verifiedClaims } = await xid.finish(request.url, transaction);
    writeFileSync(`${FOLDER}/verified.json`, JSON.stringify({ claims, verifiedClaims }, null, 2));
    response.end(`<h1>ご注文を受け付けました</h1><p id="age">20歳以上: ${claims.age_over_20 ? "はい" : "不明"}</p>`);
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
