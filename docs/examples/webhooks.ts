// A bank that is told what happens to its customers: run this file, open http://localhost:4010/sign-in.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createXid, fileStore, verifyWebhook } from "@xid/sdk/server";

const { PORT = "4010", XID_ISSUER = "http://localhost:4001", FOLDER = "." } = process.env;
const origin = `http://localhost:${PORT}`;
const xid = createXid({
  issuer: XID_ISSUER,
  redirectUri: `${origin}/callback`,
  store: fileStore(`${FOLDER}/client.json`),
  registration: { name: "さくら銀行", purpose: { ja: "本人確認のため", en: "To know who you are" } },
});
const events = ["request.approved", "request.declined", "consent.withdrawn", "device.changed"] as const;
const { secret } = await xid.webhooks.create({ form: "webhook", url: `${origin}/hook`, events: [...events] });
const seen = new Set<string>();

createServer(async (request, response) => {
  try {
    if (request.url === "/hook") {
      const event = verifyWebhook(request.headers, await text(request), secret ?? "");
      // It may come twice. A bank would write it and what it causes in one transaction.
      if (!seen.has(event.id)) appendFileSync(`${FOLDER}/events.jsonl`, `${JSON.stringify(event)}\n`);
      seen.add(event.id);
      return response.writeHead(204).end();
    }
    if (request.url?.startsWith("/callback")) {
      const { subject } = await xid.finish(request.url, /t=([^;]+)/.exec(request.headers.cookie ?? "")?.[1]);
      return response.end(subject);
    }
    const { url, transaction } = await xid.start();
    response.writeHead(302, { location: url, "set-cookie": `t=${transaction}; HttpOnly; SameSite=Lax` }).end();
  } catch (error) {
    response.writeHead(400).end(String(error));
  }
}).listen(Number(PORT), () => console.log(origin));
