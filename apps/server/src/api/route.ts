import type { z } from "@hono/zod-openapi";
import type { ClientScope, PersonScope } from "@xid/protocol";
import type { ClientCaller, PersonCaller } from "../http/caller.ts";
import type { ApiProblemCode } from "../http/problem.ts";
import type { Limit } from "../http/rate-limit.ts";
import type { Platform } from "../platform.ts";

/** The same in both languages. CommonMark, of which only code spans are used. */
export type Text = { ja: string; en: string };

/**
 * Whose tokens a route takes, each kind with the scope that it must have. A route must hold the row it serves against
 * the caller: with a person's token to client and account, with a client's to the client.
 */
export type Access = { person: PersonScope } | { client: ClientScope } | { person: PersonScope; client: ClientScope };

export type CallerOf<A extends Access> =
  | (A extends { person: PersonScope } ? PersonCaller : never)
  | (A extends { client: ClientScope } ? ClientCaller : never);

/** What a body is: a JSON document of a shape, or bytes of a media type. `maxSize` in bytes. */
export type Body = JsonBody | BytesBody;
/** At most 64 KiB unless told. */
export type JsonBody<Shape extends z.ZodType = z.ZodType> = { form: "json"; shape: Shape; maxSize?: number };
export type BytesBody = { form: "bytes"; mediaTypes: readonly [string, ...string[]]; maxSize: number };

type BodyOf<B extends Body | undefined> =
  B extends JsonBody<infer Shape>
    ? z.output<Shape>
    : B extends BytesBody
      ? { mediaType: string; bytes: Buffer }
      : undefined;

/** A JSON document of a shape; bytes of a media type; or nothing (204). */
export type Answer = z.ZodType | { mediaType: string } | null;

type AnswerOf<A extends Answer> = A extends null ? undefined : A extends { mediaType: string } ? Uint8Array : object;

type Values<Shape extends z.ZodObject | undefined> = Shape extends z.ZodObject ? z.output<Shape> : Record<never, never>;

export type Call<
  A extends Access = Access,
  Parameters extends z.ZodObject | undefined = z.ZodObject | undefined,
  Query extends z.ZodObject | undefined = z.ZodObject | undefined,
  B extends Body | undefined = Body | undefined,
> = {
  caller: CallerOf<A>;
  parameters: Values<Parameters>;
  query: Values<Query>;
  body: BodyOf<B>;
  /** For what a `creates` route creates. It may have been created under it already, by a call that was cut off. */
  id: string;
};

/** A route that will end. */
export type Deprecation = {
  since: Date;
  /** From then on it may be gone. */
  sunset: Date;
  /** Where it says what to use instead. */
  link: string;
};

/** One row of the table of routes: who may call, what they send, and everything that the reference says of it. */
export type ApiRoute<
  A extends Access = Access,
  Parameters extends z.ZodObject | undefined = z.ZodObject | undefined,
  Query extends z.ZodObject | undefined = z.ZodObject | undefined,
  B extends Body | undefined = Body | undefined,
  R extends Answer = Answer,
> = {
  method: "get" | "post" | "put" | "delete";
  /** Under /v1, in the form of OpenAPI: `/requests/{id}`. */
  path: `/${string}`;
  access: A;
  /** `operationId`, and the anchor in the reference. */
  name: string;
  summary: Text;
  description: Text;
  /** What stands in the path's braces. What is not in its form is `NOT_FOUND`. */
  parameters?: Parameters;
  /** Every member comes as text, once; others than these are `REQUEST_INVALID`. */
  query?: Query;
  body?: B;
  answer: R;
  /** Calls of one client, apart from the limit of all routes: for what costs more than others. */
  limit?: Limit;
  /** Of an answer; 200 unless told, 204 where there is nothing to tell. */
  status?: 200 | 201 | 202;
  /**
   * Whether it makes something new each time. Then a client can send `Idempotency-Key`, and `serve` gives what it makes the
   * id of the call; where that is there already, it answers with it as it did the first time (idempotent-call.ts).
   */
  creates?: true;
  /** Told in every answer and in the reference (docs/api-versions.md). */
  deprecated?: Deprecation;
  /** What it may answer instead, beyond what every route may (`problemsOf`). */
  problems?: readonly ApiProblemCode[];
  /** Throws `ApiProblem`. */
  serve(platform: Platform, call: Call<A, Parameters, Query, B>): Promise<AnswerOf<R>>;
};

/** A row of the table, with the types of its parts found by themselves. */
export function defineRoute<
  A extends Access,
  R extends Answer,
  Parameters extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  B extends Body | undefined = undefined,
>(route: ApiRoute<A, Parameters, Query, B, R>): ApiRoute {
  return route as unknown as ApiRoute;
}
