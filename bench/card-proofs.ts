import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import type { ProofRate } from "./card-proofs-worker.ts";
import { Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";

/** Everything in base64. */
export type CardProofs = { anchor: string; proofs: { certificate: string; message: string; signature: string }[] };

const run = promisify(execFile);
const cards = 10;
/** Two in every proof: the CA's signature on the certificate, and the card's on the statement. */
const signaturesPerProof = 2;

/**
 * Card proofs verified per second of CPU on one core, against what `openssl speed` and node:crypto say about RSA-2048
 * on the same core, in turn; then with two threads against one, by the clock.
 */
export const cardProofs: Benchmark = async ({ runs, seconds, say }) =>
  withDataDirectory(async (dataDirectory) => {
    const file = join(dataDirectory, "proofs.json");
    say(`making ${cards} cards sign`);
    await writeFile(file, JSON.stringify(await makeProofs(dataDirectory)));
    const perCore = async (mode: Mode) => {
      const { done, cpuSeconds } = await worker(onOneCore, mode, seconds, file, 1);
      return done / cpuSeconds;
    };
    const byTheClock = async (threads: number) => {
      const { done, wallSeconds } = await worker(onTwoCores, "proof", seconds, file, threads);
      return done / wallSeconds;
    };
    const rates: Record<Mode | "openssl" | "one" | "two", number[]> = {
      proof: [],
      x509: [],
      raw: [],
      openssl: [],
      one: [],
      two: [],
    };
    for (let number = 0; number < runs; number++) {
      for (const mode of ["proof", "x509", "raw"] as const) rates[mode].push(await perCore(mode));
      rates.openssl.push((await opensslVerifications(seconds)) / signaturesPerProof);
      rates.one.push(await byTheClock(1));
      rates.two.push(await byTheClock(2));
      const shown = Object.entries(rates).map(([name, values]) => `${name} ${values.at(-1)?.toFixed(0)}`);
      say(`run ${number + 1}: ${shown.join(", ")}`);
    }
    const measurement = {
      what: "card proofs verified, one core",
      value: median(rates.proof),
      unit: "proofs/CPU-s",
      runs: rates.proof,
    };
    const reference = (what: string, values: number[]) => ({
      ...measurement,
      reference: { what, value: median(values) },
    });
    return [
      reference("openssl speed rsa2048, two verifications each", rates.openssl),
      reference("node:crypto X509Certificate, no path or policy", rates.x509),
      reference("node:crypto verify twice, keys at hand", rates.raw),
      {
        what: "card proofs verified, two threads",
        value: median(rates.two),
        unit: "proofs/s",
        runs: rates.two,
        reference: { what: "one thread", value: median(rates.one) },
      },
    ];
  });

type Mode = "proof" | "x509" | "raw";

async function makeProofs(dataDirectory: string): Promise<CardProofs> {
  const installation = await Installation.start("sandbox", dataDirectory);
  try {
    const message = Buffer.from(JSON.stringify({ typ: "bench", padding: "x".repeat(700) }));
    const messageFile = join(dataDirectory, "message");
    await writeFile(messageFile, message);
    const proofs: CardProofs["proofs"] = [];
    for (let card = 0; card < cards; card++) {
      const { id } = await installation.xid<{ id: string }>("person", "create");
      const read = ["card", "read", "--person", id, "--certificate", "signature"];
      const { certificate } = await installation.xid<{ certificate: { der: string } }>(...read);
      const sign = ["card", "sign", messageFile, "--person", id];
      const { signature } = await installation.xid<{ signature: string }>(...sign);
      proofs.push({ certificate: certificate.der, message: message.toString("base64"), signature });
    }
    const anchor = await fetch(`${installation.sandbox}/jpki/ca/signature.cer`);
    return { anchor: Buffer.from(await anchor.arrayBuffer()).toString("base64"), proofs };
  } finally {
    await installation.stop();
  }
}

async function worker(
  start: typeof onOneCore,
  mode: Mode,
  seconds: number,
  file: string,
  threads: number,
): Promise<ProofRate> {
  const program = fileURLToPath(import.meta.resolve("./card-proofs-worker.ts"));
  const { stdout } = await start([process.execPath, program, mode, String(seconds), file, String(threads)]);
  return JSON.parse(stdout) as ProofRate;
}

/** RSA-2048 verifications per second. `-mr` prints operations per second, or seconds per operation, by version. */
async function opensslVerifications(seconds: number): Promise<number> {
  const { stdout } = await onOneCore([
    "openssl",
    "speed",
    "-mr",
    "-seconds",
    String(Math.ceil(seconds / 2)),
    "rsa2048",
  ]);
  const value = Number(/^\+F2:\d+:2048:[\d.]+:([\d.]+)/m.exec(stdout)?.[1]);
  if (!(value > 0)) throw new Error("openssl speed prints something else than expected");
  return value < 1 ? 1 / value : value;
}

function onOneCore(command: string[]) {
  return run("taskset", ["-c", String(availableParallelism() - 1), ...command]);
}

function onTwoCores(command: string[]) {
  const last = availableParallelism() - 1;
  return run("taskset", ["-c", `${last - 1},${last}`, ...command]);
}
