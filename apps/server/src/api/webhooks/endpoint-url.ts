import { isIP } from "node:net";
import type { Config } from "../../config.ts";
import { isPublicAddress } from "../../events/public-address.ts";
import { ApiProblem } from "../../http/problem.ts";

/**
 * What can be seen of a URL that cannot do. Where its host leads is looked at again at each delivery
 * (events/ask-outside.ts). Throws `REQUEST_INVALID`.
 */
export function checkEndpointUrl({ profile }: Pick<Config, "profile">, value: string): void {
  const refuse = (why: string): never => {
    throw new ApiProblem("REQUEST_INVALID", { detail: `body.url: ${why}` });
  };
  const url = URL.parse(value) ?? refuse("not a URL");
  if (url.username || url.password || url.hash) refuse("without user information and fragment");
  if (profile === "sandbox") return;
  if (url.protocol !== "https:") refuse("https only");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (host === "localhost" || (isIP(host) && !isPublicAddress(host))) refuse("not on the public internet");
}
