import { randomBytes } from "node:crypto";
import { type Verified, type Xid, XidError } from "@xid/sdk/server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { type Asset, readAssets } from "./assets.ts";
import type { Customers, VerifiedItems } from "./customers.ts";
import type { Language } from "./language.ts";
import { account, opened } from "./pages/account.ts";
import { landing } from "./pages/landing.ts";
import type { View } from "./pages/layout.ts";
import { opening } from "./pages/opening.ts";
import { signedOut } from "./pages/signed-out.ts";
import { trouble } from "./pages/trouble.ts";
import { securityHeaders } from "./security-headers.ts";
import { type Pending, remember, type Session, Sessions, take } from "./sessions.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

export type Bank = {
  /** Own base URL. */
  url: string;
  xid: Xid;
  customers: Customers;
  clock: () => number;
  /** One line for the log; never with personal data. */
  log: (line: string) => void;
};

// unlike those of other programs on this host: browsers share cookies across ports
const sessionCookie = "harukaze_session";
const languageCookie = "harukaze_language";

/** Pages that the language switch may lead back to. */
const pages = ["/", "/open", "/open/complete", "/account", "/signed-out"];

const needed = ["name", "birthdate", "gender", "address"] as const;

export function createApp(bank: Bank): Hono {
  const { xid, customers } = bank;
  const sessions = new Sessions(bank.clock);
  const secure = bank.url.startsWith("https:");
  const cookie = { httpOnly: true, sameSite: "Lax", secure, path: "/" } as const;
  const app = new Hono();

  const find = (c: Context) => sessions.find(getCookie(c, sessionCookie));
  const language = (c: Context): Language => (getCookie(c, languageCookie) === "en" ? "en" : "ja");
  const customerOf = (session: Session | undefined) =>
    session?.subject === undefined ? undefined : customers.find(session.subject);
  const view = (c: Context): View => ({
    language: language(c),
    path: pages.includes(c.req.path) ? c.req.path : "/",
    customerName: customerOf(find(c))?.name,
  });

  /** A new id at every sign-in, so that an id planted before is worth nothing (session fixation). */
  function begin(c: Context): Session {
    sessions.remove(getCookie(c, sessionCookie));
    const { id, session } = sessions.create();
    setCookie(c, sessionCookie, id, cookie);
    return session;
  }

  function fail(c: Context, what: Trouble, intent?: Pending["intent"], error?: XidError) {
    const reference = error && what !== "declined" ? randomBytes(4).toString("hex") : undefined;
    if (reference) bank.log(`sign-in failed ${error!.code} reference=${reference} ${error!.message}`);
    return c.html(trouble(view(c), what, intent, reference), statusOf[what]);
  }

  async function leave(c: Context, intent: Pending["intent"]) {
    try {
      const started = await xid.start({
        required: intent === "open" ? needed : [],
        uiLocales: language(c) === "en" ? ["en", "ja"] : ["ja", "en"],
      });
      remember(find(c) ?? begin(c), started.state, { intent, transaction: started.transaction });
      return c.redirect(started.url, 303);
    } catch (error) {
      if (!(error instanceof XidError)) throw error;
      return fail(c, troubleOf(error), intent, error);
    }
  }

  app.use(securityHeaders(secure));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.use(async (c, next) => {
    // one name for the bank: a cookie set under another would be lost at the callback
    if (c.req.method === "GET" && new URL(c.req.url).host !== new URL(bank.url).host) {
      return c.redirect(bank.url + c.req.path, 307);
    }
    await next();
  });
  // The provider calls, not a browser: no origin, no session.
  app.post("/backchannel-logout", bodyLimit({ maxSize: 32 * 1024 }), async (c) => {
    c.header("cache-control", "no-store");
    try {
      const { logout_token: token } = await c.req.parseBody();
      const { sessionId } = await xid.verifyLogoutToken(typeof token === "string" ? token : undefined);
      sessions.end(sessionId);
      bank.log("signed out by xID");
      return c.body(null, 200);
    } catch (error) {
      if (!(error instanceof XidError)) throw error;
      const { code } = error;
      return c.json({ error: "invalid_request", error_description: code }, code === "UNREACHABLE" ? 503 : 400);
    }
  });
  app.use(csrf({ origin: new URL(bank.url).origin }));

  for (const [path, asset] of Object.entries(readAssets())) serveAsset(app, path, asset);

  app.get("/", (c) => c.html(landing(view(c))));
  app.get("/open", (c) => c.html(opening(view(c))));
  app.get("/open/start", (c) => leave(c, "open"));
  app.get("/sign-in", (c) => leave(c, "sign-in"));

  app.get("/callback", async (c) => {
    const session = find(c);
    const pending = take(session, c.req.query("state"));
    // the page was loaded again, or the way back was taken twice
    if (!pending && session?.subject !== undefined) return c.redirect("/account", 303);
    try {
      const verified = await xid.finish(c.req.url, pending?.transaction);
      return pending?.intent === "open" ? openAccount(c, verified) : signIn(c, verified);
    } catch (error) {
      if (!(error instanceof XidError)) throw error;
      return fail(c, troubleOf(error), pending?.intent, error);
    }
  });

  function openAccount(c: Context, verified: Verified) {
    const { customer, isNew } = customers.open(verified.subject, itemsOf(verified), new Date(bank.clock()));
    const session = begin(c);
    session.subject = customer.subject;
    if (verified.sessionId) session.sessionId = verified.sessionId;
    if (!isNew) session.notice = "already-customer";
    bank.log(isNew ? "account opened" : "account exists, signed in");
    return c.redirect(isNew ? "/open/complete" : "/account", 303);
  }

  function signIn(c: Context, verified: Verified) {
    if (!customers.find(verified.subject)) return fail(c, "not-a-customer", "open");
    const session = begin(c);
    session.subject = verified.subject;
    if (verified.sessionId) session.sessionId = verified.sessionId;
    bank.log("signed in");
    return c.redirect("/account", 303);
  }

  app.get("/open/complete", (c) => {
    const customer = customerOf(find(c));
    return customer ? c.html(opened(view(c), customer)) : c.redirect("/", 303);
  });

  app.get("/account", (c) => {
    const session = find(c);
    const customer = customerOf(session);
    if (!session || !customer) return c.redirect("/", 303);
    const { notice } = session;
    delete session.notice;
    return c.html(account(view(c), customer, notice));
  });

  app.post("/sign-out", (c) => {
    sessions.remove(getCookie(c, sessionCookie));
    deleteCookie(c, sessionCookie, cookie);
    return c.redirect("/signed-out", 303);
  });
  app.get("/signed-out", (c) => c.html(signedOut(view(c))));

  app.get("/language", (c) => {
    const to = c.req.query("to") === "en" ? "en" : "ja";
    setCookie(c, languageCookie, to, { ...cookie, maxAge: 365 * 24 * 3600 });
    return c.redirect(pages.find((page) => page === c.req.query("from")) ?? "/", 303);
  });

  app.notFound((c) => fail(c, "not-found"));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    bank.log(`failed ${c.req.method} ${c.req.path}: ${error.name}`);
    return fail(c, "failed");
  });
  return app;
}

const statusOf = {
  declined: 403,
  expired: 400,
  "wrong-browser": 400,
  "not-a-customer": 403,
  "items-missing": 403,
  unavailable: 503,
  failed: 502,
  "not-found": 404,
} as const;

/** xid.finish has made sure that the required items are there. */
function itemsOf({ claims }: Verified): VerifiedItems {
  const { name, birthdate, gender, address } = claims;
  return { name: name!, birthdate: birthdate!, gender: gender!, address: address!.formatted };
}

function serveAsset(app: Hono, path: string, { type, body }: Asset): void {
  app.get(path, etag(), (c) => c.body(body, 200, { "content-type": type, "cache-control": "no-cache" }));
}
