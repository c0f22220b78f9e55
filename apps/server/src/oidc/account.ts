import { companionsOf, type ItemClaims, itemNames } from "@xid/protocol";
import type { Account, ClaimsParameterMember } from "oidc-provider";
import { describeVerification } from "../attributes/describe-verification.ts";
import { type KnownItems, readItems } from "../attributes/read-items.ts";
import { answerVerifiedClaims, type VerifiedClaimsRequest } from "../attributes/verified-claims.ts";
import { isWanted } from "../attributes/wanted.ts";
import { readProvenCertificate } from "../identity/account-state.ts";
import { readIdentityStatuses } from "../identity/read-identity-status.ts";
import type { Platform } from "../platform.ts";
import { type Approved, readRequest } from "../request/engine.ts";
import { openPresentation } from "../request/presentation.ts";
import { type ClaimRequest, wantedOf } from "./claim-request.ts";
import { readVerifiedClaims } from "./verified-claims-request.ts";

/**
 * RFC 8176. `swk` where the device says that its key is software; `hwk` never, as no attestation is verified. `user` =
 * the device saw its holder. `sc` = the card was there.
 */
export function toAmr({
  keyLevel,
  userVerification,
  kind,
  level,
}: Pick<Approved, "keyLevel" | "userVerification" | "kind" | "level">): string[] {
  return [
    ...(keyLevel === "software" ? ["swk"] : []),
    userVerification === "app_pin" ? "pin" : "user",
    ...(level === "card" || kind === "card_signature" ? ["sc"] : []),
    "mfa",
  ];
}

/** For whom an account is looked at. */
export type View = {
  /** The claims that there are go to the client by an envelope of the app, and nothing in the clear. */
  endToEnd?: boolean;
  receivesCertificates: boolean;
  /** Whether it is told, in the ID token, that something has changed since the person read their card. */
  hearsOfChanges: boolean;
  /** Under which claims are let go; it has the id of the request that was approved (complete.ts). */
  grantId?: string | undefined;
  /** Of this sign-in, where the client is to have it. */
  sid?: string | undefined;
};

type Members = Record<string, ClaimsParameterMember | null>;
type Parts = Pick<Platform, "config" | "clock" | "database" | "unsynced" | "sealer" | "jpki">;

/** The library's view of an account. Attributes are read only when an answer will hold them. */
export function toAccount(platform: Parts, accountId: string, view: View): Account {
  return {
    accountId,
    async claims(use, scope, members: Members, rejected) {
      // Scopes are answered at UserInfo only (OpenID Connect Core 5.4).
      const scopes = use === "userinfo" ? scope.split(" ") : [];
      const items = itemNames.filter((name) => (scopes.includes(name) || name in members) && !rejected.includes(name));
      const verified = members.verified_claims;
      const about = {
        sub: accountId,
        // RFC 8417 section 2.2: by this the relying party asks for the request's result and its evidence.
        ...(use === "id_token" && view.grantId !== undefined ? { txn: view.grantId } : {}),
        ...(use === "id_token" && view.sid !== undefined ? { sid: view.sid } : {}),
        ...(use === "id_token" && view.hearsOfChanges ? await statusClaim(platform, accountId) : {}),
      };
      if (view.endToEnd) {
        const presentation = use === "userinfo" ? await presentationFor(platform, accountId, view) : null;
        return { ...about, ...(presentation !== null && { [presentationClaim]: presentation }) };
      }
      if (items.length === 0 && verified === undefined) return about;
      const known = await readItems(platform, accountId);
      const given = items.filter((name) =>
        isWanted(platform.sealer, name, {
          wanted: scopes.includes(name) ? undefined : wantedOf(members[name] as ClaimRequest),
          value: known.claims[name],
        }),
      );
      return {
        ...about,
        ...pick(known.claims, [...given, ...companionsOf(items)]),
        ...(verified !== undefined &&
          (await verifiedClaims(platform, known, verified, { ...view, accountId, rejected }))),
      };
    },
  };
}

/** For a client whose policy lets people go on of whom something has changed. */
export const statusClaimName = "xid_identity_status";

async function statusClaim(platform: Parts, accountId: string) {
  const status = (await readIdentityStatuses(platform, [accountId])).get(accountId);
  return { [statusClaimName]: status?.status ?? "unknown" };
}

/** Name of the claim at UserInfo that holds the app's envelope. */
export const presentationClaim = "xid_presentation";

async function presentationFor(platform: Parts, accountId: string, { grantId }: View): Promise<string | null> {
  const request = grantId === undefined ? undefined : await readRequest(platform, grantId);
  return request?.accountId === accountId ? openPresentation(platform, request) : null;
}

/** What is answered to a `verified_claims` request: one, or of a list those that can be met; or nothing. */
async function verifiedClaims(
  platform: Parts,
  { claims, verifiedAt, source, now }: KnownItems,
  member: unknown,
  { accountId, rejected, grantId, receivesCertificates }: View & { accountId: string; rejected: readonly string[] },
): Promise<{ verified_claims?: object }> {
  // What J-LIS told later was not signed for by the person's card.
  if (source !== "signature_certificate") return {};
  const granted = pick(
    claims,
    itemNames.filter((name) => !rejected.includes(name)),
  );
  const [certificate, request] = await Promise.all([
    readProvenCertificate(platform, accountId),
    grantId === undefined ? undefined : readRequest(platform, grantId),
  ]);
  const evidenceId = request?.accountId === accountId ? (request.evidenceId ?? undefined) : undefined;
  const verifier = new URL(platform.config.issuer).host;
  const facts = { verifiedAt, certificate, evidenceId, verifier, receivesCertificates };
  const { requests, list } = readVerifiedClaims(member);
  const answers = requests.flatMap((one) => {
    const asked = one.claims === null ? granted : pickWanted(platform, granted, one.claims);
    const verification = describeVerification(facts, asked);
    return answerVerifiedClaims(one.verification, { verification, claims: asked }, now) ?? [];
  });
  if (answers.length === 0) return {};
  return { verified_claims: list ? answers : answers[0]! };
}

function pickWanted(
  { sealer }: Pick<Platform, "sealer">,
  granted: ItemClaims,
  claims: NonNullable<VerifiedClaimsRequest["claims"]>,
): ItemClaims {
  const names = itemNames.filter((name) => {
    if (!Object.hasOwn(claims, name)) return false;
    return isWanted(sealer, name, { wanted: wantedOf(claims[name] as ClaimRequest), value: granted[name] });
  });
  return pick(granted, names);
}

function pick(known: ItemClaims, names: readonly (keyof ItemClaims)[]): ItemClaims {
  return Object.fromEntries(names.flatMap((name) => (known[name] === undefined ? [] : [[name, known[name]]])));
}
