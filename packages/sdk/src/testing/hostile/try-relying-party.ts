import { TestingError } from "../testing-error.ts";
import type { Attack, Observed } from "./attack.ts";
import { attacks, htmlMarker } from "./attacks.ts";
import { HostileProvider, type HostileProviderOptions } from "./hostile-provider.ts";
import {
  byFunctions,
  type Driver,
  type Ending,
  PagesDriver,
  type RelyingPartyFunctions,
  type RelyingPartyPages,
} from "./relying-party.ts";

type Party<Session> = RelyingPartyPages | RelyingPartyFunctions<Session>;

export type Outcome =
  /** Nobody was signed in. */
  | "refused"
  /** The person was signed in all the same. */
  | "accepted"
  /** What the provider said was put into a page as HTML. */
  | "reflected"
  /** The code went to another server. */
  | "leaked"
  /** It was still waiting when the robot's patience ended. */
  | "hung"
  /** The relying party does not use what is attacked. */
  | "not_applicable"
  /** It was over before the dishonest part was reached. */
  | "not_reached";

export type AttackResult = Pick<Attack, "id" | "title" | "clause"> & { outcome: Outcome; status?: number };

export type Report = {
  issuer: string;
  /** Whether every attack that reached the relying party was refused, and honest sign-ins worked before and after. */
  passed: boolean;
  observed: Observed;
  /** Whether an honest sign-in still worked when all was over. */
  worksAfterwards: boolean;
  attacks: AttackResult[];
};

export type TrialOptions = HostileProviderOptions & {
  /** Ids of attacks; all unless told. */
  only?: readonly string[];
  /** Milliseconds that one sign-in may take; 20 s unless told. */
  patience?: number;
  /** Told of each result as it comes. */
  onResult?: (result: AttackResult) => void;
};

/**
 * Points the robot at a relying party: a provider that is dishonest in one way after another, until each is refused or
 * not. `relyingParty` is given the provider's issuer, to be made with it. Throws NOT_TESTABLE where no honest sign-in works.
 */
export async function tryRelyingParty<Session>(
  relyingParty: (issuer: string) => Promise<Party<Session>> | Party<Session>,
  options: TrialOptions = {},
): Promise<Report> {
  const chosen = options.only ? attacks.filter(({ id }) => options.only?.includes(id)) : attacks;
  const unknown = options.only?.find((id) => !attacks.some((attack) => attack.id === id));
  if (unknown) throw new TestingError("NOT_TESTABLE", `there is no attack "${unknown}"`);
  const provider = await HostileProvider.start(options);
  try {
    const { patience = 20_000 } = options;
    const party = await relyingParty(provider.issuer);
    const driver = await driverOf(provider, party, patience);
    if (!(await honest(provider, driver, patience)))
      throw new TestingError("NOT_TESTABLE", "an honest sign-in is refused");
    const results: AttackResult[] = [];
    for (const attack of chosen) {
      const { id, title, clause } = attack;
      const result = { id, title, clause, ...(await run(provider, driver, attack, patience)) };
      results.push(result);
      options.onResult?.(result);
    }
    const worksAfterwards = await honest(provider, driver, patience);
    const { issuer, observed } = provider;
    const harmless: Outcome[] = ["refused", "not_applicable", "not_reached"];
    const passed = worksAfterwards && results.every(({ outcome }) => harmless.includes(outcome));
    return { issuer, passed, observed: { ...observed }, worksAfterwards, attacks: results };
  } finally {
    await provider.close();
  }
}

async function driverOf<Session>(provider: HostileProvider, party: Party<Session>, patience: number): Promise<Driver> {
  if (typeof party.start === "function") return byFunctions(party as RelyingPartyFunctions<Session>) as Driver;
  const pages = { issuer: provider.issuer, pages: party as RelyingPartyPages };
  return (await PagesDriver.learn(pages, authorize, AbortSignal.timeout(patience))) as Driver;
}

/** What a browser does at this provider: it is sent right back. */
async function authorize(url: string): Promise<string> {
  const response = await fetch(url, { redirect: "manual" });
  const location = response.headers.get("location");
  if (!location)
    throw new TestingError("NOT_TESTABLE", `the request was not one: ${(await response.text()).slice(0, 200)}`);
  return location;
}

async function honest(provider: HostileProvider, driver: Driver, patience: number): Promise<boolean> {
  provider.reset({});
  const signal = AbortSignal.timeout(patience);
  const { url, session } = await driver.start(signal);
  return (await driver.finish(await authorize(url), session, signal)).signedIn;
}

async function run(
  provider: HostileProvider,
  driver: Driver,
  attack: Attack,
  patience: number,
): Promise<{ outcome: Outcome; status?: number }> {
  if (attack.appliesTo && !attack.appliesTo(provider.observed)) return { outcome: "not_applicable" };
  provider.reset(attack.plan);
  const delivered = await within(patience, (signal) => deliver(provider, driver, attack, signal));
  if (delivered === "hung") return { outcome: "hung" };
  const { signedIn, status, body = "" } = delivered;
  const outcome = (): Outcome => {
    if (provider.leaked) return "leaked";
    if (body.includes(htmlMarker) && status !== undefined) return "reflected";
    if (attack.delivery === undefined && provider.played === 0) return "not_reached";
    return signedIn ? "accepted" : "refused";
  };
  return { outcome: outcome(), ...(status === undefined ? {} : { status }) };
}

async function deliver(
  provider: HostileProvider,
  driver: Driver,
  { delivery }: Attack,
  signal: AbortSignal,
): Promise<Ending> {
  const first = await driver.start(signal);
  const callback = await authorize(first.url);
  switch (delivery) {
    case "to another browser":
      return driver.finish(callback, (await driver.start(signal)).session, signal);
    case "with the code of another sign-in": {
      const second = await driver.start(signal);
      provider.injectedCode = provider.lastCode;
      return driver.finish(await authorize(second.url), second.session, signal);
    }
    case "twice": {
      const before = driver.copy(first.session);
      await driver.finish(callback, first.session, signal);
      return driver.finish(callback, before, signal);
    }
    default:
      return driver.finish(callback, first.session, signal);
  }
}

/** "hung" where the work is not done in time. What still runs then is told to stop. */
async function within<T>(patience: number, work: (signal: AbortSignal) => Promise<T>): Promise<T | "hung"> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<"hung">((resolve) => {
    timer = setTimeout(() => {
      resolve("hung");
      controller.abort();
    }, patience);
  });
  try {
    return await Promise.race([work(controller.signal), end]);
  } catch (error) {
    if (error instanceof TestingError || !controller.signal.aborted) throw error;
    return "hung";
  } finally {
    clearTimeout(timer);
  }
}
