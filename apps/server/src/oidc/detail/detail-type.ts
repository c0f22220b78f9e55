import type { RequestKind } from "@xid/protocol";
import { type Client, errors } from "oidc-provider";
import type { Platform } from "../../platform.ts";
import type { Asked, AskedInCommon } from "../../store/database.ts";
import type { Purpose } from "../client-metadata.ts";

/** What an authorization is asked for by one member of `authorization_details` (RFC 9396): one file per `type`. */
export type DetailType = {
  type: string;
  kind: Exclude<RequestKind, "sign_in">;
  /** Shown to the resident where the client has no purpose of its own. */
  purpose: Purpose;
  /** What the library leaves to us of section 5. Throws `InvalidAuthorizationDetails` (`refuseDetail`). */
  assert(platform: Platform, client: Client, detail: object): void | Promise<void>;
  /** Of a detail that has passed `assert`; the text that is to be signed apart. */
  toAsked(
    platform: Platform,
    common: AskedInCommon,
    detail: object,
    client: Client,
  ): { asked: Asked; text?: string | undefined } | Promise<{ asked: Asked; text?: string | undefined }>;
};

export function refuseDetail(type: string, why: string): never {
  throw new errors.InvalidAuthorizationDetails(`${type}: ${why}`);
}
