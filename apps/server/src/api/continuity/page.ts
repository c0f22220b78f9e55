import { z } from "@hono/zod-openapi";

/** Where a list is gone on with, and how much of it is wanted at most. */
export const Page = z.object({
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .default("0"),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/)
    .default("100"),
});
