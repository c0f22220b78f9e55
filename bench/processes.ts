import { readdirSync, readFileSync } from "node:fs";

/** From Linux's /proc. `command` has its arguments separated by spaces. */
export type Process = { pid: number; parent: number; command: string };

/** Ticks per second of /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export function listProcesses(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      if (stat === undefined) return [];
      const command = (read(`/proc/${name}/cmdline`) ?? "").replaceAll("\0", " ").trim();
      return [{ pid: Number(name), parent: Number(statField(stat, 4)), command }];
    });
}

/** The process and everything below it. */
export function withDescendants(pid: number, processes = listProcesses()): Process[] {
  const own = processes.filter((process) => process.pid === pid);
  const children = processes.filter(({ parent }) => parent === pid);
  return [...own, ...children.flatMap((child) => withDescendants(child.pid, processes))];
}

/** The PostgreSQL processes of one data directory, which each of them names in its title. */
export function postgresOf(dataDirectory: string, processes = listProcesses()): Process[] {
  return processes.filter(({ command }) => /(^|\/)postgres\b/.test(command) && command.includes(dataDirectory));
}

/**
 * CPU time of a process in milliseconds, user and system, with that of children that have ended and been waited for.
 * 0 for one that is gone.
 */
export function cpuTime(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return 0;
  const ticks = [14, 15, 16, 17].reduce((sum, field) => sum + Number(statField(stat, field)), 0);
  return (ticks * 1000) / ticksPerSecond;
}

/** CPU time of our own children that have ended, in milliseconds. */
export function endedChildrenCpuTime(): number {
  const stat = read("/proc/self/stat") ?? "";
  return ((Number(statField(stat, 16)) + Number(statField(stat, 17))) * 1000) / ticksPerSecond;
}

/** Proportional set size in MB: its own memory, and its share of what it has in common with others. */
export function memory(pid: number): number {
  const rollup = read(`/proc/${pid}/smaps_rollup`) ?? "";
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1000;
}

/** The most that a process has held at once, in MB. */
export function peakMemory(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? 0) / 1000;
}

/** Fields as proc(5) numbers them, from 1; the second, a name in parentheses, may hold spaces. */
function statField(stat: string, number: number): string {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[number - 3] ?? "";
}

/** Undefined for a process that has ended meanwhile. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
