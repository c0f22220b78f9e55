import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { createXid, fileStore, parseCardAuthorities, type Registration, type Xid } from "@xid/sdk/server";
import type { TestWallet } from "@xid/sdk/testing";
import type { Installation } from "../installation.ts";

/** One service: what stands in the tables, and one complete use of it, from the relying party's start to its result. */
export type Service = { name: string; flow(wallet: TestWallet): Promise<void> };

const purpose = { ja: "ベンチマーク", en: "Benchmark" };
const title = { ja: "定期預金契約書", en: "Time deposit agreement" };
const display = { layout: "contract", title, counterparty: title, amount: 1_000_000 } as const;
const pdf = readFileSync(new URL("../../docs/examples/contract.pdf", import.meta.url));

/** Relying parties for all seven services, with `@xid/sdk`; `port` is where they publish their keys. */
export async function createServices(
  { platform, sandbox, dataDirectory }: Installation,
  port: number,
): Promise<{ services: Service[]; close(): void }> {
  const redirectUri = `http://localhost:${port}/callback`;
  const party = (name: string, registration: Partial<Registration> = {}, delivery?: "end_to_end") =>
    createXid({
      issuer: platform,
      redirectUri,
      store: fileStore(join(dataDirectory, `${name}.json`)),
      registration: { name: { ja: name, en: name }, purpose, ...registration },
      ...(delivery && { delivery }),
    });
  const plain = party("plain");
  const certified = party("certified", { receivesCertificates: true });
  const endToEnd = party("end-to-end", { jwksUri: `http://localhost:${port}/jwks` }, "end_to_end");
  const numbers = party("numbers", {
    myNumberPurposes: ["tax.specified_account"],
    jwksUri: `http://localhost:${port}/numbers`,
  });
  const server = await publish(port, { "/jwks": endToEnd, "/numbers": numbers });
  const authorities = parseCardAuthorities(await (await fetch(`${sandbox}/reader/authorities`)).json());

  const approve = async (xid: Xid, wallet: TestWallet, options: Parameters<Xid["start"]>[0] = {}) => {
    const { url, transaction } = await xid.start(options);
    return xid.finish(await wallet.approve(url), transaction);
  };
  const subjects = new Map<TestWallet, string>();
  const linked = async (wallet: TestWallet) => {
    const known = subjects.get(wallet);
    if (known) return known;
    const { subject } = await approve(certified, wallet, { required: ["address"], latestAttributes: true });
    subjects.set(wallet, subject);
    return subject;
  };
  const signPdf = async (wallet: TestWallet, level: "B-B" | "B-LTA") => {
    const document = await plain.signDocument({ pdf, name: "contract.pdf", display, level });
    await approve(plain, wallet, { document });
    await plain.downloadSigned(document);
    await plain.deleteDocument(document);
  };
  const required = ["name", "birthdate", "gender", "address"] as const;
  return {
    services: [
      { name: "1 sign-in", flow: async (wallet) => void (await approve(plain, wallet)) },
      {
        name: "1 sign-in with the card",
        flow: async (wallet) => void (await approve(plain, wallet, { acr: "card" })),
      },
      {
        name: "2 attributes by UserInfo",
        flow: async (wallet) => void (await approve(plain, wallet, { required: [...required] })),
      },
      {
        name: "2 attributes end to end",
        flow: async (wallet) => void (await approve(endToEnd, wallet, { required: [...required] })),
      },
      {
        name: "3 card signature",
        flow: async (wallet) =>
          void (await approve(certified, wallet, { sign: { document: { text: "申し込みます。" }, display } })),
      },
      {
        name: "4 document signature, JWS",
        flow: async (wallet) =>
          void (await approve(plain, wallet, { document: await plain.signDocument({ format: "jws", display }) })),
      },
      { name: "4 document signature, PDF B-B", flow: (wallet) => signPdf(wallet, "B-B") },
      { name: "4 document signature, PDF B-LTA", flow: (wallet) => signPdf(wallet, "B-LTA") },
      {
        name: "5 My Number hand-over",
        flow: async (wallet) => {
          const verified = await approve(numbers, wallet, { myNumber: { purpose: "tax.specified_account" } });
          await numbers.openMyNumber(verified, { authorities });
        },
      },
      {
        name: "6 status of a person",
        flow: async (wallet) => void (await certified.identityStatus(await linked(wallet))),
      },
      {
        name: "7 latest attributes",
        flow: async (wallet) => void (await certified.latestAttributes(await linked(wallet), { purpose: "bench" })),
      },
    ],
    close: () => server.close(),
  };
}

/** Wallets take a relying party's keys from itself. */
async function publish(port: number, parties: Record<string, Xid>): Promise<Server> {
  const server = createServer(async (request, response) => {
    const party = parties[request.url ?? ""];
    response.writeHead(party ? 200 : 404).end(party && JSON.stringify(await party.publicJwks()));
  });
  await new Promise<void>((resolve) => server.listen(port, resolve));
  return server;
}
