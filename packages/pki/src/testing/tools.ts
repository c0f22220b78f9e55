import { spawnSync } from "node:child_process";

/** Whether a program that judges what we make is installed; tests that need it are skipped where it is not. */
export const hasTool = (command: string): boolean => spawnSync("which", [command]).status === 0;

/** Runs a program in a folder; answers its exit code and everything it said. */
export function runTool(
  folder: string,
  command: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(command, parameters, {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, LC_ALL: "C.UTF-8", ...environment },
  });
  return { status, said: stdout + stderr };
}
