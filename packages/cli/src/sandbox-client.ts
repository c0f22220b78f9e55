import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { CliError } from "./cli-error.ts";

/** A certificate as the city office tells of it. */
export type PersonCertificate = {
  kind: "signature" | "authentication";
  serial: string;
  notBefore: string;
  notAfter: string;
  status: string;
  reason?: string;
};

/** A resident of the sandbox, as its city office tells. */
export type Person = {
  id: string;
  persona: string;
  name: string;
  birthdate: string;
  gender: "male" | "female" | "unknown";
  address: string;
  standing: "resident" | "abroad" | "deceased";
  pins: { signature: string; authentication: string; text: string };
  card: {
    standing: "none" | "valid" | "suspended" | "void";
    triesLeft: { signature: number; authentication: number; text: number };
    certificates: PersonCertificate[];
  };
  phone: { model: string; certificates: PersonCertificate[] } | null;
  planned: { id: number; at: string; type: string }[];
};

/** The residents who are computed from a seed; serial numbers in hexadecimal. */
export type Town = { seed: number; residents: number; foundedOn: string; serials: [string, string] };

/** How many entries the revocation list of each generation begins with. */
export type FoundedTown = {
  town: Town;
  revoked: Record<"signature" | "authentication", { generation: number; revoked: number }[]>;
};

export type ListedResident = Pick<Person, "id" | "name" | "birthdate" | "gender" | "address"> & { kana: string };

/** Something that goes wrong on demand; what else it has depends on the kind. */
export type Fault = {
  kind: string;
  verifier?: string;
  person?: string;
  seconds?: number;
  apdu?: number;
  carriedOut?: boolean;
  count?: number;
  setAt: string;
  expiresAt?: string;
};

/** A command to a card and its answer, in words and, where they tell no secret, in bytes. */
export type LoggedExchange = {
  at: string;
  text: { ja: string; en: string };
  outcome: "done" | "refused" | "lost";
  sent: string;
  received: string;
};
export type LoggedSession = { startedAt: string; exchanges: LoggedExchange[] };

/** One who is registered at the sandbox's J-LIS. */
export type Verifier = { id: string; name: string };

/** What happened to a resident, or is planned. `id` is null for what comes of a date by itself. */
export type TimelineEntry = {
  id: number | null;
  at: string;
  type: string;
  title: { ja: string; en: string };
  state: "pending" | "done" | "failed" | "cancelled";
  changes: Record<string, { from: string | null; to: string | null }>;
  revoked: { kind: string; medium: string; serial: string; reason: string }[];
  issued: { kind: string; medium: string; serial: string; replaces: string | null }[];
  told: string[];
  child?: string;
  failure?: { code: string; message: string };
};

/** What the sandbox's clock shows: ISO 8601, and how far that is ahead of the real time. */
export type Clock = { now: string; aheadMilliseconds: number };

/** The city office over HTTP. Throws `CliError` with `SANDBOX_REFUSED` or `UNREACHABLE`; answers are taken as they are. */
export class SandboxClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  createPerson(details: Record<string, string>): Promise<Person> {
    return this.#call("POST", "/api/people", details);
  }

  /** From the text of a file: all of them or none. */
  async createPeople(text: string): Promise<Person[]> {
    return (await (await this.#ask("POST", "/api/people/file", text)).json()) as Person[];
  }

  people(): Promise<Person[]> {
    return this.#call("GET", "/api/people");
  }

  person(id: string): Promise<Person> {
    return this.#call("GET", `/api/people/${encodeURIComponent(id)}`);
  }

  event(id: string, event: Record<string, string>): Promise<Person> {
    return this.#call("POST", `/api/people/${encodeURIComponent(id)}/events`, event);
  }

  timeline(id: string): Promise<TimelineEntry[]> {
    return this.#call("GET", `/api/people/${encodeURIComponent(id)}/timeline`);
  }

  async cancelEvent(id: string, event: number): Promise<void> {
    await this.#ask("DELETE", `/api/people/${encodeURIComponent(id)}/events/${event}`);
  }

  clock(): Promise<Clock> {
    return this.#call("GET", "/api/clock");
  }

  moveClock(move: { to: string } | { by: string }): Promise<Clock> {
    return this.#call("POST", "/api/clock", move);
  }

  /** The newest session with the card first. */
  apduLog(id: string): Promise<LoggedSession[]> {
    return this.#call("GET", `/api/people/${encodeURIComponent(id)}/apdu-log`);
  }

  town(): Promise<Town> {
    return this.#call("GET", "/api/town");
  }

  /** Founds the town; `counted` is told how many revoked certificates of its past have been found so far. */
  async foundTown(request: Record<string, string | number>, counted: (found: number) => void): Promise<FoundedTown> {
    const response = await this.#ask("POST", "/api/town", request);
    const founded: Partial<FoundedTown> = {};
    const lines = createInterface({ input: Readable.fromWeb(response.body as ReadableStream) });
    for await (const line of lines) {
      const { counted: found, ...news } = JSON.parse(line) as Partial<FoundedTown> & { counted?: number };
      if (found !== undefined) counted(found);
      Object.assign(founded, news);
    }
    const { town, revoked } = founded;
    if (!town || !revoked) throw new CliError("UNREACHABLE", `the sandbox at ${this.#url} broke off; ask it again`);
    return { town, revoked };
  }

  residentsOfTown(search: Record<string, string>): Promise<{ residents: ListedResident[]; next?: string }> {
    return this.#call("GET", `/api/town/residents?${new URLSearchParams(search)}`);
  }

  verifiers(): Promise<Verifier[]> {
    return this.#call("GET", "/api/verifiers");
  }

  faults(): Promise<Fault[]> {
    return this.#call("GET", "/api/faults");
  }

  setFault(fault: Record<string, string | number | boolean>): Promise<Fault> {
    return this.#call("POST", "/api/faults", fault);
  }

  clearFaults(selection: Record<string, string>): Promise<{ cleared: number }> {
    const query = new URLSearchParams(selection).toString();
    return this.#call("DELETE", `/api/faults${query && `?${query}`}`);
  }

  async #call<T>(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<T> {
    return (await (await this.#ask(method, path, body)).json()) as T;
  }

  async #ask(method: "GET" | "POST" | "DELETE", path: string, body?: object | string): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers: { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) },
        ...(body ? { body: typeof body === "string" ? body : JSON.stringify(body) } : {}),
      });
    } catch (cause) {
      throw new CliError("UNREACHABLE", `no sandbox at ${this.#url}; start it with "xid up"`, { cause });
    }
    if (response.ok) return response;
    const answer = (await response.json().catch(() => ({}))) as { code?: string; message?: string; detail?: string };
    const reason = answer.detail ?? answer.message ?? answer.code ?? `status ${response.status}`;
    throw new CliError("SANDBOX_REFUSED", `${method} ${path}: ${reason}`, {
      details: { status: response.status, ...(answer.code ? { sandboxCode: answer.code } : {}) },
    });
  }
}
