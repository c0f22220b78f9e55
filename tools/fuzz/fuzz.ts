import { Coverage, type CoverageSummary } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import { isExpected, type Target } from "./targets.ts";

/** Milliseconds that one input may take. */
const patience = 2000;

/** Inputs between two looks at the coverage. */
const batch = 100;

export type FuzzFinding = { target: string; input: string; error: string };

export type FuzzReport = {
  target: string;
  seeds: number;
  executions: number;
  seconds: number;
  /** Inputs that reached something new, seeds not counted; absent without coverage. */
  discovered?: number;
  coverage?: CoverageSummary;
  findings: FuzzFinding[];
};

export type FuzzOptions = {
  seed: number;
  /** Ends after so many executions, or seconds. */
  budget: { executions: number } | { seconds: number };
  /** Keeps inputs that reach something new. Slower by itself. */
  guided: boolean;
  /** Called before each input, for whoever watches from outside. */
  before?(input: Buffer): void;
};

/** Feeds a target its seeds, then changed ones, and collects what it may not do. */
export async function fuzz(name: string, target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const random = new Random(options.seed);
  const corpus = target.seeds();
  const coverage = options.guided
    ? new Coverage((path) => target.files.some((part) => path.includes(part)))
    : undefined;
  const report: FuzzReport = { target: name, seeds: corpus.length, executions: 0, seconds: 0, findings: [] };
  const began = performance.now();
  const { budget } = options;
  const isSpent = () =>
    "executions" in budget
      ? report.executions >= budget.executions
      : performance.now() - began >= budget.seconds * 1000;

  const execute = async (input: Buffer): Promise<void> => {
    options.before?.(input);
    report.executions++;
    const error = await attempt(target, input);
    const isNew = error !== undefined && !report.findings.some((known) => firstLine(known.error) === firstLine(error));
    if (isNew) report.findings.push({ target: name, input: input.toString("base64"), error });
  };

  for (const input of [...corpus, Buffer.alloc(0)]) await execute(input);
  coverage?.take();
  while (!isSpent()) {
    const inputs = Array.from({ length: batch }, () =>
      random.below(20) === 0 ? random.bytes(random.below(300)) : mutate(random.of(corpus), corpus, random),
    );
    for (const input of inputs) await execute(input);
    const missing = coverage?.take().fresh;
    if (coverage === undefined || missing === undefined || missing.size === 0) continue;
    // Once more, to see which of them it was.
    for (const input of inputs) {
      await attempt(target, input);
      const found = [...coverage.take().touched].filter((block) => missing.delete(block));
      if (found.length > 0) corpus.push(input);
      if (missing.size === 0) break;
    }
  }
  report.seconds = (performance.now() - began) / 1000;
  if (coverage !== undefined) {
    report.discovered = corpus.length - report.seeds;
    report.coverage = coverage.summary();
    coverage.stop();
  }
  return report;
}

/** What was wrong, if anything was. */
async function attempt(target: Target, input: Buffer): Promise<string | undefined> {
  const began = performance.now();
  try {
    await target.run(Buffer.from(input));
  } catch (error) {
    if (!isExpected(error)) return error instanceof Error ? (error.stack ?? error.message) : `thrown: ${error}`;
  }
  const took = performance.now() - began;
  return took > patience ? `took ${Math.round(took / 1000)} s` : undefined;
}

const firstLine = (text: string): string => text.slice(0, text.indexOf("\n") === -1 ? undefined : text.indexOf("\n"));
