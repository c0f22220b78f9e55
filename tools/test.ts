/**
 * `npm test`: everything that must hold. Static checks, then every test, then one line that counts them.
 * Arguments go to Vitest: `npm test -- packages/card`.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { provideSystemPackages } from "./system-packages.ts";

const root = new URL("..", import.meta.url).pathname;
const output = join(root, "test-output");

/** Runs a program of the project's own; true if it ended well. */
function run(title: string, program: string, ...args: string[]): boolean {
  console.log(`\n— ${title}`);
  const path = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
  const { status } = spawnSync(join(root, "node_modules/.bin", program), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH: path },
  });
  return status === 0;
}

provideSystemPackages();
mkdirSync(output, { recursive: true });
const report = join(output, "tests.json");

const checks = [
  run("Lint, format and floors", "biome", "check", "--error-on-warnings", "."),
  run("Types", "tsc", "--noEmit"),
  run("Types of the xID app", "tsc", "--noEmit", "-p", "apps/wallet"),
];
const tested = run(
  "Tests",
  "vitest",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
);

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
const failedChecks = checks.filter((passed) => !passed).length;
console.log(`\n${numPassedTests} passed, ${numFailedTests + failedChecks} failed, ${numPendingTests} skipped`);
process.exitCode = tested && failedChecks === 0 ? 0 : 1;
