import type { z } from "@hono/zod-openapi";
import type { Caller } from "../http/caller.ts";
import type { Platform } from "../platform.ts";

/** The same in both languages. */
type Text = { ja: string; en: string };

/** One row of the table of routes: who may call, and everything that the reference says of it. */
export type ApiRoute = {
  method: "get";
  /** Under /v1, in the form of OpenAPI. */
  path: `/${string}`;
  /** Which the access token must have. */
  scope: "openid";
  /** Whom the access token must be for: the platform itself, which is a token without `aud`. */
  audience: "platform";
  /** Whose token it is: one that a person's approval gave to the relying party. */
  token: "person";
  name: string;
  summary: Text;
  description: Text;
  parameters: z.ZodObject<{ id: z.ZodString }>;
  answer: z.ZodType;
  serve(platform: Platform, call: { caller: Caller; id: string }): Promise<object>;
};
