import { z } from "@hono/zod-openapi";
import { DocumentError } from "../../document/document-error.ts";
import { documentProblem } from "../../http/document-problem.ts";

export const documentParameters = z.object({ id: z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) });

/** Tells the caller why a document was refused. Throws `ApiProblem`. */
export async function documentCall<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DocumentError ? documentProblem(error) : error;
  }
}
