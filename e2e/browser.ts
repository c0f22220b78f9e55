import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const candidates = [
  process.env.XID_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of an installed Chromium, or undefined: then the stories are skipped. */
export const chromiumPath = candidates.find((path) => path && existsSync(path));

export const desktop = { viewport: { width: 1366, height: 900 }, locale: "ja-JP" };
export const phone = { viewport: { width: 390, height: 844 }, locale: "ja-JP", hasTouch: true, isMobile: true };

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const pictures = join(new URL("..", import.meta.url).pathname, "test-output/screenshots");

/** Keeps a picture of the page as test output. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/**
 * Watches everything a context does that no page of ours may do: requests to hosts that are not ours, violations of the
 * content security policy, script errors. The list must be empty at the end of a story.
 */
export function watchOffences(context: BrowserContext): string[] {
  const offences: string[] = [];
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "localhost") offences.push(`request to ${request.url()}`);
  });
  context.on("console", (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) offences.push(message.text());
  });
  context.on("weberror", (error) => {
    offences.push(`${error.error()}`);
  });
  return offences;
}
