import {
  type AttributeChange,
  AttributeChanges,
  IdentityCheckResults,
  IdentityStatus,
  identityRefreshType,
  LatestAttributes,
  StartedIdentityCheck,
} from "@xid/protocol";
import type { Api } from "./api.ts";

/** `authorization_details` (RFC 9396) that ask the person to read their card again. */
export const identityRefreshDetails = JSON.stringify([{ type: identityRefreshType }]);

export type CheckedIdentities = {
  /** Whom the check is not about, as they are not linked any more. */
  notLinked: string[];
  /** One for each person, in no order that means anything; ends when all have been checked. */
  results: AsyncGenerator<IdentityStatus, void>;
};

export type ContinuityCalls = {
  /** Whether what was verified of a person still holds. Throws API_REFUSED with NOT_FOUND for who is not linked any more. */
  identityStatus(subject: string): Promise<IdentityStatus>;
  /** The same of many: of these (at most 50,000), or of everybody who is linked. Waits as long as it takes. */
  checkIdentities(whom: readonly string[] | "all"): Promise<CheckedIdentities>;
  /**
   * What a person lets this service have, as it is now. The person sees the purpose. Throws API_REFUSED with
   * CONSENT_MISSING without their consent.
   */
  latestAttributes(subject: string, options: { purpose: string }): Promise<LatestAttributes>;
  /**
   * All changes after a cursor, the oldest first, until there are no more. Keep the `cursor` of the last one that was
   * dealt with, and begin there next time; `"0"` is the beginning.
   */
  attributeChanges(options: { after: string }): AsyncGenerator<AttributeChange, void>;
  /** The person told this service that they want to tell it no more of later changes. */
  endLatestAttributes(subject: string): Promise<void>;
};

/** @param wait for so many milliseconds */
export function continuityCalls(api: Api, wait: (milliseconds: number) => Promise<unknown>): ContinuityCalls {
  const identities = { scope: "identities" } as const;
  const attributes = { scope: "attributes" } as const;
  const personPath = (subject: string) => `/identities/${encodeURIComponent(subject)}`;

  async function* resultsOf(checkId: string): CheckedIdentities["results"] {
    const path = `/identity-checks/${checkId}/results`;
    for (let after: string | null = "0"; after !== null; ) {
      const query = { after, limit: "1000" };
      const page: IdentityCheckResults = await api.json(
        { method: "GET", path, query, ...identities },
        IdentityCheckResults,
      );
      yield* page.results;
      if (page.next === after) await wait(1000);
      after = page.next;
    }
  }

  return {
    identityStatus: (subject) => api.json({ method: "GET", path: personPath(subject), ...identities }, IdentityStatus),
    async checkIdentities(whom) {
      const body = whom === "all" ? { all: true } : { subs: whom };
      const order = { method: "POST", path: "/identity-checks", body, ...identities } as const;
      const { checkId, notLinked } = await api.json(order, StartedIdentityCheck);
      return { notLinked, results: resultsOf(checkId) };
    },
    latestAttributes: (subject, { purpose }) =>
      api.json(
        { method: "GET", path: `${personPath(subject)}/attributes`, query: { purpose }, ...attributes },
        LatestAttributes,
      ),
    async *attributeChanges({ after }) {
      for (let from = after, more = true; more; ) {
        const query = { after: from, limit: "1000" };
        const order = { method: "GET", path: "/attribute-changes", query, ...attributes } as const;
        const page = await api.json(order, AttributeChanges);
        yield* page.changes;
        from = page.next;
        more = page.more;
      }
    },
    endLatestAttributes: (subject) =>
      api.nothing({ method: "DELETE", path: `${personPath(subject)}/continuous-consent`, ...attributes }),
  };
}

export type { AttributeChange, IdentityStatus, LatestAttributes };
