import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type Asset = { type: string; body: string };

/** Everything that pages load, read once: the bank's own files and the button of @xid/sdk. */
export function readAssets(): Record<string, Asset> {
  const own = (name: string, type: string) => ({
    type,
    body: readFileSync(new URL(`../public/${name}`, import.meta.url), "utf8"),
  });
  return {
    "/bank.css": own("bank.css", "text/css; charset=utf-8"),
    "/mark.svg": own("mark.svg", "image/svg+xml"),
    "/hero.svg": own("hero.svg", "image/svg+xml"),
    "/trouble.svg": own("trouble.svg", "image/svg+xml"),
    "/xid-button.js": {
      type: "text/javascript; charset=utf-8",
      body: readFileSync(fileURLToPath(import.meta.resolve("@xid/sdk/browser")), "utf8"),
    },
  };
}
