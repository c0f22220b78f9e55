import type { ApprovalStatement, RequestApproval, RequestDisplay, RequestKind } from "@xid/protocol";
import type { RawBuilder } from "kysely";
import type { AccountState } from "../../identity/account-state.ts";
import type { Device } from "../../identity/device.ts";
import type { Platform } from "../../platform.ts";
import type { Request } from "../request.ts";

/** What came along with an approval, beyond the statement itself. */
export type Given = Omit<RequestApproval, "approval" | "presentation">;

export type Approval<K extends RequestKind = RequestKind> = {
  request: Request;
  device: Device;
  account: AccountState;
  shown: Extract<RequestDisplay, { kind: K }>;
  statement: Extract<ApprovalStatement, { kind: K }>;
  given: Given;
};

/** What an approval does. */
export type Done = {
  /** For the evidence, beyond what every approval leaves there. */
  evidence: Record<string, unknown>;
  /** What the relying party reads later, sealed with the request. JSON values only. */
  result: object | null;
  /**
   * Further data-modifying statements of the one statement that writes the decision. Each must take its rows from
   * `decided (account_id, client_id)`, which is empty when another approval was first.
   */
  writes?(written: { evidenceId: string; at: Date }): readonly RawBuilder<unknown>[];
  /**
   * A query that must still find a row when the decision is written, and locks it; `refused` says why it did not.
   */
  guard?: { query: RawBuilder<unknown>; refused(): Error };
};

/** One kind of request, once it is approved: one file per kind. */
export type Act<K extends RequestKind> = {
  /** The member of the approval's body that is this kind's own; another one is refused. */
  takes?: keyof Given;
  /** Does what was approved, short of writing it. Throws `RequestError` and, about a card, `IdentityError`. */
  perform(platform: Platform, approval: Approval<K>): Promise<Done>;
  /** Whether an approval that comes again is of the same act as the one that was written. */
  repeats(platform: Platform, request: Request, statement: Extract<ApprovalStatement, { kind: K }>): boolean;
};
