#!/usr/bin/env node
// Plain JavaScript that an older Node can read too: xID itself needs one that runs TypeScript (22.18 or newer), and
// brings it along as the npm package `node`.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
const runsTypeScript = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);

if (runsTypeScript) {
  const { main } = await import("../src/main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  runWithNewerNode();
}

function runWithNewerNode() {
  let executable;
  try {
    executable = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin", "node");
  } catch {
    refuse();
    return;
  }
  const child = spawn(executable, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  child.on("error", refuse);
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : code;
  });
}

function refuse() {
  process.stderr.write(
    `NODE_TOO_OLD: Node ${process.version} cannot run xID. Run "npm ci" in the repository, or install Node 22.18 or newer.\n`,
  );
  process.exitCode = 1;
}
