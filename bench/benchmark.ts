/** One number beside what it is to be compared with. */
export type Measurement = {
  what: string;
  value: number;
  unit: string;
  /** What the value is measured against, in the same run. */
  reference?: { what: string; value: number };
  /** The single runs, of which `value` is the median. */
  runs?: number[];
};

export type BenchmarkOptions = {
  /** How often each thing is measured. */
  runs: number;
  /** How long one measurement of a rate takes, in seconds. */
  seconds: number;
  /** Progress, for people. */
  say(line: string): void;
};

export type Benchmark = (options: BenchmarkOptions) => Promise<Measurement[]>;
