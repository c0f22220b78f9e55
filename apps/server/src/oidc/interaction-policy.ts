import { interactionPolicy as library } from "oidc-provider";

/** Prompts beyond the library's. */
const furtherPrompts = ["select_account", "create"] as const;

/**
 * Which values of `prompt` (OpenID Connect Core 3.1.2.1, Initiating User Registration via OpenID Connect 1.0) there are.
 * Everybody is asked every time, on the device of whoever opens the request, and who has none registers there: so each of
 * them is met by what happens anyway, and `none` never is.
 */
export function interactionPolicy(): library.DefaultPolicy {
  const policy = library.base();
  for (const name of furtherPrompts) policy.add(new library.Prompt({ name, requestable: true }));
  return policy;
}

/** What a result says of the prompts that were met, beside login and consent. */
export const promptsMet: Record<string, object> = Object.fromEntries(furtherPrompts.map((name) => [name, {}]));
