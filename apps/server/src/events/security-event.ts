import type { EventType, XidEvent } from "@xid/protocol";

const caep = "https://schemas.openid.net/secevent/caep/event-type/";
const risc = "https://schemas.openid.net/secevent/risc/event-type/";
const ssf = "https://schemas.openid.net/secevent/ssf/event-type/";

/** The event of CAEP 1.0, RISC 1.0 or SSF 1.0 that says the same, and what it says; our own where none does. */
const standardEvents: {
  [T in EventType]?: (event: Extract<XidEvent, { type: T }>) => [uri: string, payload?: object];
} = {
  "identity.status_changed": ({ data }) => [
    `${caep}assurance-level-change`,
    { namespace: "urn:xid:identity-status", current_level: data.status },
  ],
  "consent.withdrawn": ({ type, data }) =>
    data.consent === "link" ? [`${caep}session-revoked`, { initiating_entity: "user" }] : [ownEvent(type)],
  "account.recovered": () => [`${risc}recovery-activated`],
  "device.changed": ({ data }) => [
    `${caep}credential-change`,
    { credential_type: "app", change_type: { added: "create", replaced: "update", removed: "revoke" }[data.change] },
  ],
  "card.lost": () => [`${risc}credential-compromise`, { credential_type: "x509" }],
  "webhook.test": () => [`${ssf}verification`],
};

function ownEvent(type: EventType): string {
  return `urn:xid:event:${type}`;
}

/** URI of every event that may be in a token. */
export const securityEventUris: readonly string[] = [
  ...["assurance-level-change", "session-revoked", "credential-change"].map((name) => caep + name),
  ...["recovery-activated", "credential-compromise"].map((name) => risc + name),
  ...(["request.approved", "request.declined", "request.expired", "request.failed", "attributes.changed"] as const).map(
    ownEvent,
  ),
];

/** Metadata of the transmitter (SSF 1.0 section 7.1). Streams are the endpoints of our own API, so no endpoint for them is named. */
export function ssfConfiguration(issuer: string) {
  return {
    spec_version: "1_0",
    issuer,
    jwks_uri: `${issuer}/jwks`,
    delivery_methods_supported: ["urn:ietf:rfc:8935", "urn:ietf:rfc:8936"],
    authorization_schemes: [{ spec_urn: "urn:ietf:rfc:6749" }],
    default_subjects: "ALL",
    xid_events_supported: securityEventUris,
    xid_stream_endpoint: `${issuer}/v1/webhook-endpoints`,
  };
}

/**
 * The claims of a security event token (RFC 8417, SSF 1.0 section 4): one event, about a subject in the relying party's own
 * words (RFC 9493). `xid_event` is what a webhook would have told.
 *
 * @param now seconds since 1970
 */
export function securityEventClaims(
  event: XidEvent,
  { issuer, clientId, now }: { issuer: string; clientId: string; now: number },
) {
  const standard = standardEvents[event.type] as ((event: XidEvent) => [string, object?]) | undefined;
  const [uri, payload] = standard?.(event) ?? [ownEvent(event.type)];
  const { type, data } = event;
  return {
    iss: issuer,
    jti: event.id,
    iat: now,
    aud: clientId,
    sub_id: subjectId(event, issuer),
    events: {
      [uri]: { event_timestamp: Math.floor(Date.parse(event.createdAt) / 1000), ...payload, xid_event: { type, data } },
    },
  };
}

function subjectId({ id, subject, data }: XidEvent, issuer: string): object {
  if (subject !== null) return { format: "iss_sub", iss: issuer, sub: subject };
  return { format: "opaque", id: "requestId" in data ? data.requestId : id };
}
