import { decodeJwt } from "jose";
import type { Client } from "oidc-provider";
import type { Subjects } from "./subjects.ts";

/**
 * The account of the one person whom an authorization request will take: the one of its `id_token_hint`, or of the subject
 * that it wants as a claim (OpenID Connect Core 3.1.2.1 and 5.5.1). `nobody` where there is no such person, or both name
 * different ones; undefined where anybody will do. The parameters have passed the library's checks, which verify the hint.
 */
export async function wantedPerson(
  subjects: Subjects,
  client: Client,
  { id_token_hint: hint, claims }: Record<string, unknown>,
): Promise<{ accountId: string } | "nobody" | undefined> {
  const wanted = new Set<unknown>();
  if (typeof hint === "string") wanted.add(decodeJwt(hint).sub);
  const { id_token: idToken } = (typeof claims === "string" ? JSON.parse(claims) : {}) as {
    id_token?: { sub?: { value?: unknown } | null };
  };
  if (idToken?.sub?.value !== undefined) wanted.add(idToken.sub.value);
  if (wanted.size === 0) return undefined;
  const [subject] = wanted;
  if (wanted.size > 1 || typeof subject !== "string") return "nobody";
  const accountId = await subjects.find(client, subject);
  return accountId === undefined ? "nobody" : { accountId };
}
