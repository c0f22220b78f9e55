type TrustedTypes = {
  createPolicy(name: "default", rules: { createScriptURL: (url: string) => string | null }): unknown;
};

/** Parts of the app, and the two programs of PDF.js. */
const scripts = /^\/(_expo\/static\/js\/web\/[^?#]+\.js|pdf\/[0-9.]+\/pdf(\.worker)?\.min\.mjs)$/;

/**
 * The address of a script that may be put into the page: a file of this build, on this origin. Null for any other.
 */
export function scriptAddress(origin: string, url: string): string | null {
  const parsed = URL.parse(url, origin);
  return parsed?.origin === origin && scripts.test(parsed.pathname) ? parsed.href : null;
}

/**
 * The content policy lets no text become a script. Parts of the app that are loaded later come as script elements, which
 * need this policy; browsers without trusted types, and phones, need none.
 */
export function allowOwnScripts(): void {
  const { trustedTypes, location } = globalThis as { trustedTypes?: TrustedTypes; location?: { origin: string } };
  if (!location) return;
  trustedTypes?.createPolicy("default", { createScriptURL: (url) => scriptAddress(location.origin, url) });
}
