import { describe, expect, it } from "vitest";
import type { SerialLinks, SerialStatus } from "../jpki/jlis-client.ts";
import { judgeIdentity } from "./identity-status.ts";

const certificate = { serial: "0a1b", notAfter: new Date("2030-01-01T00:00:00Z") };
const now = new Date("2026-11-24T00:00:00Z");
const revokedAt = "2026-11-20T01:02:03.000Z";
const answer = (of: Partial<SerialStatus>): SerialStatus => ({
  kind: "signature",
  serial: certificate.serial,
  status: "revoked",
  revokedAt,
  ...of,
});
const holding = (...held: Partial<SerialLinks["current"][number]>[]): SerialLinks => ({
  current: held.map((one) => ({ kind: "signature", medium: "card", serial: "0a1c", status: "good", ...one })),
  previous: [],
});
const reason = (of: Partial<SerialStatus>, links: SerialLinks | null = null) =>
  judgeIdentity(certificate, answer(of), links, now).reason;

describe("what has become of a person", () => {
  it.each([
    ["affiliationChanged", "moved_or_renamed"],
    ["superseded", "renewed"],
    ["certificateHold", "lost"],
    ["keyCompromise", "revoked"],
    ["cACompromise", "revoked"],
    ["cessationOfOperation", "revoked"],
    ["unspecified", "unknown"],
    ["aReasonOfTomorrow", "unknown"],
    [undefined, "unknown"],
  ])("is told by the reason of revocation: %s is %s", (given, expected) => {
    const judged = judgeIdentity(certificate, answer({ reason: given }), null, now);
    expect(judged).toEqual({ status: "changed", reason: expected, changedAt: new Date(revokedAt) });
  });

  it("is a renewal where the certificate was ended and another one of the card stands in its place", () => {
    const ended = { reason: "cessationOfOperation" };
    expect(reason(ended, holding({}))).toBe("renewed");
    expect(reason(ended, holding({ status: "revoked" }))).toBe("revoked");
    expect(reason(ended, holding({ kind: "authentication" }))).toBe("revoked");
    expect(reason(ended, holding({ medium: "phone" }))).toBe("revoked");
    expect(reason(ended, holding({ serial: certificate.serial }))).toBe("revoked");
    // A move is a move, whatever came after.
    expect(reason({ reason: "affiliationChanged" }, holding({}))).toBe("moved_or_renamed");
  });

  it("is a death where J-LIS says so, and only there", () => {
    expect(reason({ reason: "cessationOfOperation", holder: "deceased" })).toBe("deceased");
    expect(reason({ reason: "cessationOfOperation" })).toBe("revoked");
  });

  it("is nothing while the certificate is good and its time is not over", () => {
    const good = answer({ status: "good", revokedAt: undefined });
    const nothing = { status: "unchanged", reason: null, changedAt: null };
    expect(judgeIdentity(certificate, good, null, now)).toEqual(nothing);
    expect(judgeIdentity(certificate, good, null, certificate.notAfter)).toEqual(nothing);
    const later = new Date(certificate.notAfter.getTime() + 1);
    expect(judgeIdentity(certificate, good, null, later)).toEqual({
      status: "changed",
      reason: "expired",
      changedAt: certificate.notAfter,
    });
  });

  it("is not known where J-LIS does not know the certificate, which is not good", () => {
    const unknown = answer({ status: "unknown", revokedAt: undefined });
    expect(judgeIdentity(certificate, unknown, null, now)).toEqual({
      status: "changed",
      reason: "unknown",
      changedAt: null,
    });
  });
});
