import type { RevocationReason } from "./revocation-reason.ts";

/** What revocation information says about one certificate. `unknown` is never good. */
export type CertificateStatus =
  | {
      readonly status: "good";
      /** When the information was true: thisUpdate. */
      readonly producedAt: Date;
      /** When newer information will be there; absent if the responder does not say. */
      readonly nextUpdate: Date | undefined;
    }
  | { readonly status: "revoked"; readonly at: Date; readonly reason: RevocationReason }
  | { readonly status: "unknown" };
