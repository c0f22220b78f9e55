import type { SerialLinks, SerialStatus } from "../jpki/jlis-client.ts";

/**
 * Why the certificate that an account stands on has ended. `revoked`: for a reason that says nothing of the person;
 * `unknown`: J-LIS gives none, one that we do not know, or does not know the certificate.
 */
export const changeReasons = [
  "moved_or_renamed",
  "renewed",
  "lost",
  "expired",
  "deceased",
  "revoked",
  "unknown",
] as const;
export type ChangeReason = (typeof changeReasons)[number];

/** Whether anything has changed since the person last read their card to us, and how fresh that knowledge is. */
export type IdentityStatus = {
  /** `unknown`: nobody may be asked any more, as the person has withdrawn their consent. */
  status: "unchanged" | "changed" | "unknown";
  /** Only of what has changed. */
  reason: ChangeReason | null;
  /** When it changed, where J-LIS says so. */
  changedAt: Date | null;
  /** Until when nothing that J-LIS knew was missed. */
  checkedAt: Date;
  /** The card at its reading, J-LIS asked about this person, or J-LIS's list of what has changed. */
  source: "card" | "jlis" | "jlis_changes";
};

/** RFC 5280's reasons in the JPKI's use (CPS 4.9.9), as far as they tell something of the holder. */
const reasonsOfRevocation: Record<string, ChangeReason> = {
  affiliationChanged: "moved_or_renamed",
  superseded: "renewed",
  certificateHold: "lost",
  keyCompromise: "revoked",
  cACompromise: "revoked",
  cessationOfOperation: "revoked",
};

/**
 * What J-LIS's answers about the certificate that an account stands on mean. Nothing is guessed: a card given back and a
 * death look alike unless J-LIS says which; a certificate that was ended and has a valid successor was renewed.
 *
 * @param links of the same person; null where they were not asked for or J-LIS has none
 */
export function judgeIdentity(
  certificate: { serial: string; notAfter: Date },
  answer: SerialStatus,
  links: SerialLinks | null,
  now: Date,
): Pick<IdentityStatus, "status" | "reason" | "changedAt"> {
  const changedAt = answer.revokedAt ? new Date(answer.revokedAt) : null;
  const changed = (reason: ChangeReason, at = changedAt) => ({ status: "changed", reason, changedAt: at }) as const;
  if (answer.holder === "deceased") return changed("deceased");
  switch (answer.status) {
    case "unknown":
      return changed("unknown", null);
    case "revoked": {
      const reason = reasonsOfRevocation[answer.reason ?? ""] ?? "unknown";
      const replaced = answer.reason === "cessationOfOperation" && hasSuccessor(links, certificate.serial);
      return changed(replaced ? "renewed" : reason);
    }
    case "good":
      if (now > certificate.notAfter) return changed("expired", certificate.notAfter);
      return { status: "unchanged", reason: null, changedAt: null };
  }
}

function hasSuccessor(links: SerialLinks | null, serial: string): boolean {
  return (links?.current ?? []).some(
    (one) => one.kind === "signature" && one.medium === "card" && one.status === "good" && one.serial !== serial,
  );
}
