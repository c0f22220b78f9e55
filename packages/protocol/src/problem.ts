import { z } from "zod";

/** RFC 9457 problem document of every API of the platform. */
export const Problem = z.object({
  /** Leads to the error book; relative to the address that was called. */
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  /** Stable and machine-readable; the texts may change, this does not. */
  code: z.string(),
  /** Who can mend it. */
  mendedBy: z.enum(["resident", "relying_party", "operator"]),
  /** What to show to the resident. */
  resident: z.object({
    ja: z.string(),
    en: z.string(),
    /** やさしい日本語 */
    jaEasy: z.string().optional(),
  }),
});
export type Problem = z.infer<typeof Problem>;
