import { ProtocolError } from "@xid/protocol";
import { WalletError } from "../../wallet-error.ts";

/** Codes of the platform's problem documents that have a screen of their own here. */
const known = [
  "CERTIFICATE_REVOKED",
  "CERTIFICATE_EXPIRED",
  "CERTIFICATE_STATUS_UNKNOWN",
  "JLIS_UNAVAILABLE",
  "DEVICE_REVOKED",
  "ENROLMENT_EXPIRED",
  "ENROLMENT_USED",
  "OTHER_PERSON",
  "REQUEST_EXPIRED",
  "REQUEST_WRONG_STATE",
  "REQUEST_OF_ANOTHER_DEVICE",
  "REQUEST_OF_ANOTHER_PERSON",
  "PROXIMITY_CODE_WRONG",
  "NOT_FOUND",
  "RATE_LIMITED",
  "UNAUTHENTICATED",
] as const;

/** Codes of this device's own, that have a screen. */
const ofKeys = ["KEY_UNREACHABLE", "KEY_MISSING", "KEY_MISMATCH"] as const;

export type KnownCode = (typeof known)[number];

/** Why something that was asked of the platform, or of this device, did not happen. */
export type RequestProblem =
  | { code: KnownCode }
  /** A code without a screen: the platform's own text is shown. */
  | { code: "REFUSED"; platformCode: string; text: { ja: string; en: string } }
  | { code: "UNREACHABLE" }
  /** Whom something is to be encrypted to: the service's own keys, and the one that the platform names. */
  | { code: (typeof ofKeys)[number] }
  /** Not a link or QR code of this platform. */
  | { code: "LINK_MALFORMED" }
  /** The device's keys are gone. */
  | { code: "KEYS_LOST" }
  /** The device was to sign something else than it was shown. */
  | { code: "SIGNING_MISMATCH" };

/** Rethrows what is no error of the platform or the device: that is a fault of the app. */
export function toRequestProblem(error: unknown): RequestProblem {
  if (error instanceof ProtocolError) {
    if (error.code === "SIGNING_MISMATCH") return { code: "SIGNING_MISMATCH" };
    if (error.code === "OTHER_PERSON") return { code: "OTHER_PERSON" };
    const ofKey = ofKeys.find((code) => code === error.code);
    if (ofKey) return { code: ofKey };
    if (!error.problem) return { code: "UNREACHABLE" };
    const { code, resident } = error.problem;
    const own = known.find((candidate) => candidate === code);
    return own ? { code: own } : { code: "REFUSED", platformCode: code, text: resident };
  }
  if (error instanceof WalletError) return { code: "KEYS_LOST" };
  throw error;
}

/** Whether the same thing may succeed later without anybody's doing. */
export function isTransient(problem: RequestProblem): boolean {
  switch (problem.code) {
    case "UNREACHABLE":
    case "CERTIFICATE_STATUS_UNKNOWN":
    case "JLIS_UNAVAILABLE":
    case "RATE_LIMITED":
      return true;
    case "REFUSED":
      return problem.platformCode === "UNAVAILABLE" || problem.platformCode === "INTERNAL";
    default:
      return false;
  }
}
