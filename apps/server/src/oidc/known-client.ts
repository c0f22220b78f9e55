import type Provider from "oidc-provider";
import type { FindClient } from "../http/known-client.ts";
import type { Subjects } from "./subjects.ts";

/** Finds clients by what was registered of them. */
export function findClients(provider: Provider, subjects: Subjects): FindClient {
  return async (clientId) => {
    const client = await provider.Client.find(clientId);
    if (!client) return undefined;
    return {
      clientId,
      receivesCertificates: client.xid_receives_certificates === true,
      people: {
        subjectOf: (accountId) => subjects.of(client, accountId),
        findLinked: (of) => subjects.findAllLinked(client, of),
        findKnown: (of) => subjects.findAllKnown(client, of),
      },
    };
  };
}
