import type { RequestKind } from "@xid/protocol";
import type { Client, KoaContextWithOIDC } from "oidc-provider";
import { z } from "zod";
import type { Platform } from "../../platform.ts";
import { cardSignatureDetail } from "./card-signature.ts";
import { type DetailType, refuseDetail } from "./detail-type.ts";
import { documentSignatureDetail } from "./document-signature.ts";
import { identityRefreshDetail } from "./identity-refresh.ts";
import { myNumberDetail } from "./my-number.ts";

/** All `authorization_details` types that there are. */
const detailTypes: readonly DetailType[] = [
  cardSignatureDetail,
  documentSignatureDetail,
  identityRefreshDetail,
  myNumberDetail,
];

const Details = z.tuple([z.looseObject({ type: z.string() })]);

/** The one detail of a parameter that has been asserted, and what it is. */
export function readDetail(parameter: string): { type: DetailType; detail: object } {
  const [detail] = Details.parse(JSON.parse(parameter));
  const type = detailTypes.find((one) => one.type === detail.type);
  if (!type) throw new TypeError("a detail that was not asserted");
  return { type, detail };
}

/** The library's table of types: each checks its form; one authorization asks for one of them. */
export function detailTypesOf(platform: Platform) {
  const validate = (type: DetailType) => (context: KoaContextWithOIDC, detail: object, client: Client) => {
    const all = JSON.parse(String(context.oidc.params?.authorization_details)) as unknown[];
    if (all.length !== 1) refuseDetail(type.type, "one authorization asks for one detail");
    return type.assert(platform, client, detail);
  };
  return Object.fromEntries(detailTypes.map((type) => [type.type, { validate: validate(type) }]));
}

/** What a parameter asks for that need not have been asserted yet: what is no detail of ours will be refused by it. */
export function kindOf(parameter: unknown): RequestKind {
  if (typeof parameter !== "string") return "sign_in";
  const found = detailTypes.find(({ type }) => parameter.includes(JSON.stringify(type)));
  return found?.kind ?? "sign_in";
}
