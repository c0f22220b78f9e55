import type { ItemName, RequestDisplay } from "@xid/protocol";
import { CliError } from "../cli-error.ts";
import { type Arrival, Browser } from "./browser.ts";
import type { HeadlessWallet, Means } from "./headless-wallet.ts";

/**
 * One sign-in on one device, from the relying party's authorization URL to the callback URL, which is returned and not
 * fetched. `means` sign where the relying party asks for a signature. The callback is checked for `code` only: `state`,
 * `iss` and signatures are the relying party's to check.
 */
export async function signIn(
  wallet: HeadlessWallet,
  authorizationUrl: string,
  choose: (display: RequestDisplay) => ItemName[],
  means?: Means,
): Promise<string> {
  const origin = new URL(wallet.platform).origin;
  if (URL.parse(authorizationUrl)?.origin !== origin) {
    throw new CliError(
      "OTHER_PLATFORM",
      `the wallet is enrolled with ${wallet.platform}, the URL is of another platform`,
    );
  }
  const browser = new Browser(origin);
  const { requestId, url } = await expectInteraction(await browser.get(authorizationUrl));
  await wallet.openRequest({ requestId, via: "link" });
  const { returnTo } = await wallet.approve(requestId, choose, means);
  const secret = returnTo?.split("#")[1];
  if (!secret) throw new CliError("UNEXPECTED_ANSWER", "the approval does not say how the browser goes on");
  return expectCallback(await browser.post(`${url.replace(/[?#].*$/, "")}/return`, { secret }));
}

async function expectInteraction(arrival: Arrival): Promise<{ requestId: string; url: string }> {
  if (arrival.kind === "callback") throw refusedBy(arrival.url);
  const { requestId } = (await answer(arrival.response)) as { requestId?: unknown };
  if (typeof requestId !== "string") throw new CliError("UNEXPECTED_ANSWER", `${arrival.url} is no sign-in page`);
  return { requestId, url: arrival.url };
}

async function expectCallback(arrival: Arrival): Promise<string> {
  if (arrival.kind === "page") {
    await answer(arrival.response);
    throw new CliError("UNEXPECTED_ANSWER", "the sign-in did not lead back to the relying party by a redirect");
  }
  if (!responseParameters(arrival.url).has("code")) throw refusedBy(arrival.url);
  return arrival.url;
}

/** Of the query, or of the JWT that the query holds (JARM); an encrypted one is the relying party's to open. */
function responseParameters(callback: string): URLSearchParams {
  const query = URL.parse(callback)?.searchParams ?? new URLSearchParams();
  const parts = query.get("response")?.split(".");
  if (!parts) return query;
  if (parts.length !== 3) return new URLSearchParams({ code: "encrypted" });
  try {
    return new URLSearchParams(JSON.parse(Buffer.from(parts[1] as string, "base64url").toString("utf8")));
  } catch {
    return query;
  }
}

/** An OAuth error that went to the redirect URI (RFC 6749 §4.1.2.1). */
function refusedBy(callback: string): CliError {
  const parameters = responseParameters(callback);
  const error = parameters.get("error") ?? "no code";
  const description = parameters.get("error_description") ?? "";
  return new CliError("AUTHORIZATION_REFUSED", description ? `${error}: ${description}` : error, {
    details: { error, redirect: callback },
  });
}

async function answer(response: Response): Promise<object> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return body;
  const error = body.error ?? body.code ?? `status ${response.status}`;
  const description = body.error_description ?? body.detail ?? body.title;
  throw new CliError("AUTHORIZATION_REFUSED", description ? `${error}: ${description}` : String(error), {
    details: { error, status: response.status },
  });
}
