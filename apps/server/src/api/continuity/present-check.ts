import type { IdentityCheck as Presented } from "@xid/protocol";
import type { IdentityCheck } from "../../continuity/identity-check.ts";

export function presentCheck(check: IdentityCheck): Presented {
  return {
    checkId: check.check_id,
    state: check.state,
    total: check.total,
    done: check.done,
    createdAt: check.created_at.toISOString(),
    finishedAt: check.finished_at?.toISOString() ?? null,
    expiresAt: check.expires_at.toISOString(),
  };
}
