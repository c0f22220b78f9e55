import { parseArgs } from "node:util";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { cardProofs } from "./card-proofs.ts";
import { crl } from "./crl.ts";
import { documentSignatures } from "./document-signatures.ts";
import { evidenceLog } from "./evidence-log.ts";
import { memoryAtRest } from "./memory-at-rest.ts";
import { ocspAnswers } from "./ocsp-answers.ts";
import { services } from "./services.ts";
import { signInFlows } from "./sign-in-flows.ts";
import { simulatedWorld } from "./simulated-world.ts";
import { softwareCard } from "./software-card.ts";
import { startTime } from "./start-time.ts";
import { sweep } from "./sweep.ts";
import { table } from "./table.ts";
import { townList } from "./town-list.ts";

const benchmarks: Record<string, Benchmark> = {
  "sign-in": signInFlows,
  services,
  "card-proof": cardProofs,
  crl,
  ocsp: ocspAnswers,
  town: townList,
  card: softwareCard,
  signatures: documentSignatures,
  log: evidenceLog,
  world: simulatedWorld,
  sweep,
  start: startTime,
  memory: memoryAtRest,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, runs: { type: "string" }, seconds: { type: "string" } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
const unknown = names.find((name) => !Object.hasOwn(benchmarks, name));
if (unknown !== undefined) {
  process.stderr.write(`USAGE: no benchmark "${unknown}"; there are ${Object.keys(benchmarks).join(", ")}\n`);
  process.exit(2);
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const results: Measurement[] = [];
for (const name of names) {
  say(`== ${name}`);
  const benchmark = benchmarks[name] as Benchmark;
  results.push(...(await benchmark({ runs: Number(values.runs ?? 5), seconds: Number(values.seconds ?? 5), say })));
}
const { node } = process.versions;
process.stdout.write(values.json ? `${JSON.stringify({ node, results }, null, 2)}\n` : `\n${table(results)}\n`);
