import type { ItemName } from "@xid/protocol";
import type { WalletClient } from "@xid/protocol/wallet-client";
import { Cookies, send } from "./http.ts";
import { authorization, location, type RelyingParty, redeem, unexpected } from "./relying-party.ts";

export type Endpoints = { authorization: string; token: string };

/**
 * Authorization to tokens at xID on one device: browser and wallet, seven requests, two of them signed by the device.
 * `nextPort` says which server process each request goes to.
 */
export async function ourFlow(
  party: RelyingParty,
  endpoints: Endpoints,
  wallet: WalletClient,
  nextPort: () => number,
): Promise<void> {
  const begun = authorization(party, endpoints.authorization);
  const cookies = new Cookies();
  const browse = async (method: "GET" | "POST", url: string, body?: object) => {
    const headers = { ...cookies.header(), accept: "application/json" };
    const answer = body
      ? await send(nextPort(), method, url, jsonHeaders(headers, party.issuer), JSON.stringify(body))
      : await send(nextPort(), method, url, headers);
    cookies.keep(answer);
    return answer;
  };
  const interaction = location("authorization", await browse("GET", begun.url), party.issuer);
  const page = await browse("GET", interaction);
  if (page.status !== 200) throw unexpected("interaction", page);
  const { requestId } = JSON.parse(page.body) as { requestId: string };
  const display = await wallet.openRequest(requestId, { via: "link" });
  const items: ItemName[] = display.items.map(({ name }) => name);
  const { returnTo } = await wallet.approveRequest(display, items, "app_pin");
  const secret = returnTo?.split("#")[1];
  const resume = location("return", await browse("POST", `${interaction}/return`, { secret }), party.issuer);
  const callback = location("resume", await browse("GET", resume), party.issuer);
  await redeem(party, endpoints.token, nextPort(), begun, callback);
}

function jsonHeaders(headers: Record<string, string>, origin: string): Record<string, string> {
  return { ...headers, "content-type": "application/json", origin };
}
