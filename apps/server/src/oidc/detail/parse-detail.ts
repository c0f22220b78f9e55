import type { z } from "zod";
import { refuseDetail } from "./detail-type.ts";

/** A detail in its form. Throws `InvalidAuthorizationDetails` that names the first member which is not. */
export function parseDetail<T>(type: string, shape: z.ZodType<T>, detail: object): T {
  const parsed = shape.safeParse(detail);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  return refuseDetail(type, `${path.join(".") || "detail"}: ${message}`);
}
