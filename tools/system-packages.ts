import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** What the tests use of the system beyond Node: how to see that it is there, and the Debian package that brings it. */
const wanted: { package: string; for: string; present: () => boolean }[] = [
  {
    package: "chromium",
    for: "the stories in a browser",
    present: () => inPath("chromium") || inPath("google-chrome"),
  },
  { package: "fonts-noto-cjk", for: "Japanese in screenshots", present: () => hasJapaneseFont() },
  { package: "openssl", for: "a second opinion on signatures", present: () => inPath("openssl") },
  { package: "gpgsm", for: "a second opinion on CMS signatures", present: () => inPath("gpgsm") },
  { package: "gnutls-bin", for: "a third opinion on CMS signatures", present: () => inPath("certtool") },
  { package: "poppler-utils", for: "a second opinion on signed PDF files", present: () => inPath("pdfsig") },
  { package: "libnss3-tools", for: "the roots that poppler trusts", present: () => inPath("certutil") },
  { package: "qpdf", for: "a second opinion on the structure of PDF files", present: () => inPath("qpdf") },
  { package: "jose", for: "a second opinion on encrypted and signed JWTs", present: () => inPath("jose") },
  { package: "curl", for: "all services without a library", present: () => inPath("curl") },
  { package: "jq", for: "all services without a library", present: () => inPath("jq") },
  {
    package: "opensc",
    for: "reading the software card with software that is not ours",
    present: () => inPath("pkcs11-tool"),
  },
  { package: "openssh-client", for: "the card's keys as OpenSSH lists them", present: () => inPath("ssh-keygen") },
  { package: "pcscd", for: "the real PC/SC stack", present: () => existsSync("/usr/sbin/pcscd") },
  {
    package: "vsmartcard-vpcd",
    for: "a virtual reader behind pcscd",
    present: () => existsSync("/etc/reader.conf.d/vpcd"),
  },
];

function inPath(command: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${command}`));
}

function hasJapaneseFont(): boolean {
  const folders = ["/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk", "/usr/share/fonts/truetype/noto"];
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).some((file) => file.includes("CJK")));
}

/**
 * Installs what is missing where this is root on Debian; elsewhere names the command and goes on: the tests that need
 * it are then counted as skipped.
 */
export function provideSystemPackages(): void {
  const missing = wanted.filter((one) => !one.present());
  if (missing.length === 0) return;
  const names = missing.map((one) => one.package);
  const install = ["install", "-y", "--no-install-recommends", ...names];
  if (process.getuid?.() === 0 && inPath("apt-get")) {
    console.log(`Installing ${names.join(", ")} …`);
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    spawnSync("apt-get", ["update", "-q"], { stdio: "ignore", env: environment });
    spawnSync("apt-get", install, { stdio: ["ignore", "ignore", "inherit"], env: environment });
  }
  const absent = missing.filter((one) => !one.present());
  if (absent.length === 0) return;
  console.warn("Missing on this machine; the tests that need them are skipped:");
  for (const one of absent) console.warn(`  ${one.package}  (${one.for})`);
  console.warn(`Install them with: sudo apt-get ${install.join(" ")}\n`);
}
