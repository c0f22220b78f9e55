import type { ItemName, RequestDisplay } from "@xid/protocol";
import { TestingError } from "../testing-error.ts";
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
  const { browser, requestId, page } = await begin(wallet, authorizationUrl);
  const { returnTo } = await wallet.approve(requestId, choose, means);
  const secret = returnTo?.split("#")[1];
  if (!secret) throw new TestingError("UNEXPECTED_ANSWER", "the approval does not say how the browser goes on");
  return expectCallback(await browser.post(`${page}/return`, { secret }));
}

/** The same for a person who says no: the callback URL holds `access_denied`. */
export async function declineSignIn(wallet: HeadlessWallet, authorizationUrl: string): Promise<string> {
  const { browser, requestId, page } = await begin(wallet, authorizationUrl);
  await wallet.decline(requestId);
  const arrival = await browser.post(`${page}/finish`, {});
  if (arrival.kind === "callback") return arrival.url;
  throw new TestingError("UNEXPECTED_ANSWER", "the refusal did not lead back to the relying party by a redirect");
}

async function begin(wallet: HeadlessWallet, authorizationUrl: string) {
  const origin = new URL(wallet.platform).origin;
  if (URL.parse(authorizationUrl)?.origin !== origin) {
    throw new TestingError(
      "OTHER_PLATFORM",
      `the wallet is enrolled with ${wallet.platform}, the URL is of another platform`,
    );
  }
  const browser = new Browser(origin);
  const { requestId, url } = await expectInteraction(await browser.get(authorizationUrl));
  await wallet.openRequest({ requestId, via: "link" });
  return { browser, requestId, page: url.replace(/[?#].*$/, "") };
}

async function expectInteraction(arrival: Arrival): Promise<{ requestId: string; url: string }> {
  if (arrival.kind === "callback") throw refusedBy(arrival.url);
  const { requestId } = (await answer(arrival.response)) as { requestId?: unknown };
  if (typeof requestId !== "string") throw new TestingError("UNEXPECTED_ANSWER", `${arrival.url} is no sign-in page`);
  return { requestId, url: arrival.url };
}

async function expectCallback(arrival: Arrival): Promise<string> {
  if (arrival.kind === "page") {
    await answer(arrival.response);
    throw new TestingError("UNEXPECTED_ANSWER", "the sign-in did not lead back to the relying party by a redirect");
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
function refusedBy(callback: string): TestingError {
  const parameters = responseParameters(callback);
  const error = parameters.get("error") ?? "no code";
  const description = parameters.get("error_description") ?? "";
  return new TestingError("AUTHORIZATION_REFUSED", description ? `${error}: ${description}` : error, {
    details: { error, redirect: callback },
  });
}

async function answer(response: Response): Promise<object> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return body;
  const error = body.error ?? body.code ?? `status ${response.status}`;
  const description = body.error_description ?? body.detail ?? body.title;
  throw new TestingError("AUTHORIZATION_REFUSED", description ? `${error}: ${description}` : String(error), {
    details: { error, status: response.status },
  });
}
