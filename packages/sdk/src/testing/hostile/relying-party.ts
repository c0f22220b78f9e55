import { TestingError } from "../testing-error.ts";
import { CookieJar } from "./cookie-jar.ts";
import { robotPerson } from "./hostile-provider.ts";

/** Where a callback led. */
export type Ending = { signedIn: boolean; status?: number; body?: string };

/** A relying party as the robot drives it. */
export type Driver<Session = unknown> = {
  /** Begins a sign-in in a browser of its own. */
  start(signal: AbortSignal): Promise<{ url: string; session: Session }>;
  /** Brings the callback to that browser. */
  finish(callback: string, session: Session, signal: AbortSignal): Promise<Ending>;
  /** The same browser as it is now. */
  copy(session: Session): Session;
};

/** A relying party as functions: `finish` rejects where it refuses. */
export type RelyingPartyFunctions<Session> = {
  start(): Promise<{ url: string; session: Session }>;
  finish(callback: string, session: Session): Promise<unknown>;
};

export function byFunctions<Session>({ start, finish }: RelyingPartyFunctions<Session>): Driver<Session> {
  return {
    start,
    async finish(callback, session) {
      return finish(callback, session).then(
        () => ({ signedIn: true }),
        (error) => ({ signedIn: false, body: String(error) }),
      );
    },
    copy: (session) => session,
  };
}

export type RelyingPartyPages = {
  /** What a visitor opens to sign in: it redirects to the provider, perhaps over pages of its own. */
  start: string;
  /** A text that only a page for the person who is signed in has; learned from an honest sign-in unless told. */
  signedInText?: string;
};

const redirectLimit = 15;
const maxPage = 2 * 1024 * 1024;

/** Drives a relying party over HTTP, as a browser without scripts would. */
export class PagesDriver implements Driver<CookieJar> {
  readonly #issuer: string;
  readonly #pages: RelyingPartyPages;
  /** How a page is known that only somebody who is signed in gets. */
  #isSignedIn: ((page: Page) => boolean) | undefined;

  private constructor(issuer: string, pages: RelyingPartyPages) {
    this.#issuer = issuer;
    this.#pages = pages;
  }

  /** Signs in honestly, twice, to learn what that looks like. Throws NOT_TESTABLE where it cannot be told from failure. */
  static async learn(
    { issuer, pages }: { issuer: string; pages: RelyingPartyPages },
    authorize: (url: string) => Promise<string>,
    signal: AbortSignal,
  ): Promise<PagesDriver> {
    const driver = new PagesDriver(issuer, pages);
    const signedIn: Page[] = [];
    for (let round = 0; round < 2; round++) {
      const { url, session } = await driver.start(signal);
      signedIn.push(await driver.#open(await authorize(url), session, signal));
    }
    driver.#isSignedIn = await driver.#learnFrom(signedIn, signal);
    return driver;
  }

  async start(signal: AbortSignal) {
    const session = new CookieJar();
    const page = await this.#open(this.#pages.start, session, signal);
    if (page.leftFor?.startsWith(this.#issuer)) return { url: page.leftFor, session };
    throw new TestingError(
      "NOT_TESTABLE",
      `${this.#pages.start} leads to ${page.url} (status ${page.status}), not to ${this.#issuer}: which is to be its issuer`,
    );
  }

  async finish(callback: string, session: CookieJar, signal: AbortSignal): Promise<Ending> {
    const page = await this.#open(callback, session, signal);
    return { signedIn: this.#isSignedIn?.(page) ?? false, status: page.status, body: page.body };
  }

  copy(session: CookieJar): CookieJar {
    return session.copy();
  }

  async #learnFrom(signedIn: Page[], signal: AbortSignal): Promise<(page: Page) => boolean> {
    const { signedInText } = this.#pages;
    for (const text of signedInText === undefined ? [robotPerson.name, robotPerson.sub] : [signedInText]) {
      const shown = signedIn.every(({ body }) => body.includes(text));
      const toStrangers = (await this.#asStranger(signedIn, signal)).some(({ body }) => body.includes(text));
      if (shown && !toStrangers) return ({ body }) => body.includes(text);
    }
    if (signedInText !== undefined)
      throw new TestingError("NOT_TESTABLE", `an honest sign-in does not show "${signedInText}"`);
    const strangers = await this.#asStranger(signedIn, signal);
    const told = signedIn.every((page, index) => page.status < 400 && !looksLike(page, strangers[index] as Page));
    if (told) return (page) => signedIn.some((known) => looksLike(known, page));
    throw new TestingError(
      "NOT_TESTABLE",
      "no telling who is signed in: name a text that only their page has (signedInText)",
    );
  }

  /** The same pages for somebody who has no part in the sign-in. */
  #asStranger(pages: Page[], signal: AbortSignal): Promise<Page[]> {
    return Promise.all(pages.map(({ url }) => this.#open(url.replace(/[?#].*$/, ""), new CookieJar(), signal)));
  }

  /** Follows redirects until one leaves for the provider, or a page comes. */
  async #open(first: string, jar: CookieJar, signal: AbortSignal): Promise<Page> {
    let url = first;
    for (let hop = 0; hop < redirectLimit; hop++) {
      if (url.startsWith(`${this.#issuer}/`)) return { url, status: 303, body: "", leftFor: url };
      const response = await jar.get(url, signal).catch((cause) => {
        if (signal.aborted) throw cause;
        throw new TestingError("NOT_TESTABLE", `${url} does not answer; ${this.#issuer} is to be its issuer`, {
          cause,
        });
      });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) {
        return { url, status: response.status, body: (await response.text()).slice(0, maxPage) };
      }
      await response.body?.cancel();
      url = new URL(location, url).href;
    }
    throw new TestingError("NOT_TESTABLE", `more than ${redirectLimit} redirects from ${first}`);
  }
}

type Page = { url: string; status: number; body: string; leftFor?: string };

const looksLike = (one: Page, other: Page) =>
  one.status === other.status && new URL(one.url).pathname === new URL(other.url).pathname && !other.leftFor;
