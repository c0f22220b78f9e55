import { TestingError } from "../testing-error.ts";

/** A resident of the sandbox, as its city office tells. */
export type Resident = {
  id: string;
  persona: string;
  name: string;
  birthdate: string;
  gender: "male" | "female" | "unknown";
  address: string;
  pins: { signature: string; authentication: string; text: string };
};

/** SANDBOX_REFUSED where there is nobody of that id. */
export function findResident(sandbox: string, id: string): Promise<Resident> {
  return ask(`${sandbox}/api/people/${encodeURIComponent(id)}`);
}

/** Somebody new whose fate is that of a persona (docs/personas.md). */
export function createResident(sandbox: string, persona: string): Promise<Resident> {
  const body = JSON.stringify({ persona });
  return ask(`${sandbox}/api/people`, { method: "POST", body, headers: { "content-type": "application/json" } });
}

async function ask(url: string, init: RequestInit = {}): Promise<Resident> {
  const response = await fetch(url, init).catch((cause: unknown) => {
    throw new TestingError("UNREACHABLE", `no sandbox at ${new URL(url).origin}; start it with "xid up"`, { cause });
  });
  const answer = (await response.json().catch(() => ({}))) as Resident & { code?: string; message?: string };
  if (response.ok) return answer;
  const reason = answer.message ?? answer.code ?? `status ${response.status}`;
  throw new TestingError("SANDBOX_REFUSED", `${new URL(url).pathname}: ${reason}`, {
    details: { status: response.status },
  });
}
