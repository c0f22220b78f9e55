import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";

/** Everything in base64. */
export type CardProofs = { anchor: string; proofs: { certificate: string; message: string; signature: string }[] };

const run = promisify(execFile);
const cards = 10;
/** Two in every proof: the CA's signature on the certificate, and the card's on the statement. */
const signaturesPerProof = 2;

/**
 * Card proofs verified per second on one core, against what `openssl speed` and node:crypto say about RSA-2048 on the
 * same core, in turn.
 */
export const cardProofs: Benchmark = async ({ runs, seconds, say }) =>
  withDataDirectory(async (dataDirectory) => {
    const file = join(dataDirectory, "proofs.json");
    say(`making ${cards} cards sign`);
    await writeFile(file, JSON.stringify(await makeProofs(dataDirectory)));
    const proofs: number[] = [];
    const x509: number[] = [];
    const raw: number[] = [];
    const openssl: number[] = [];
    for (let number = 0; number < runs; number++) {
      proofs.push(await worker("proof", seconds, file));
      x509.push(await worker("x509", seconds, file));
      raw.push(await worker("raw", seconds, file));
      openssl.push((await opensslVerifications(seconds)) / signaturesPerProof);
      const [proof, certificate, bare, limit] = [proofs, x509, raw, openssl].map((values) => values.at(-1)?.toFixed(0));
      say(
        `run ${number + 1}: ${proof} proofs/s, X509Certificate ${certificate}, bare verify ${bare}, openssl ${limit}`,
      );
    }
    const measurement = {
      what: "card proofs verified, one core",
      value: median(proofs),
      unit: "proofs/s",
      runs: proofs,
    };
    return [
      { ...measurement, reference: { what: "openssl speed rsa2048, two verifications each", value: median(openssl) } },
      { ...measurement, reference: { what: "node:crypto X509Certificate, no path or policy", value: median(x509) } },
      { ...measurement, reference: { what: "node:crypto verify twice, keys at hand", value: median(raw) } },
    ];
  });

async function makeProofs(dataDirectory: string): Promise<CardProofs> {
  const installation = await Installation.start("sandbox", dataDirectory);
  try {
    const message = Buffer.from(JSON.stringify({ typ: "bench", padding: "x".repeat(700) }));
    const messageFile = join(dataDirectory, "message");
    await writeFile(messageFile, message);
    const proofs: CardProofs["proofs"] = [];
    for (let card = 0; card < cards; card++) {
      const { id } = await installation.xid<{ id: string }>("person", "create");
      const { der } = await installation.xid<{ der: string }>("card", "read", id, "--certificate", "signature");
      const { signature } = await installation.xid<{ signature: string }>("card", "sign", id, messageFile);
      proofs.push({ certificate: der, message: message.toString("base64"), signature });
    }
    const anchor = await fetch(`${installation.sandbox}/jpki/ca/signature.cer`);
    return { anchor: Buffer.from(await anchor.arrayBuffer()).toString("base64"), proofs };
  } finally {
    await installation.stop();
  }
}

async function worker(mode: "proof" | "x509" | "raw", seconds: number, file: string): Promise<number> {
  const program = fileURLToPath(import.meta.resolve("./card-proofs-worker.ts"));
  const { stdout } = await onOneCore([process.execPath, program, mode, String(seconds), file]);
  return (JSON.parse(stdout) as { perSecond: number }).perSecond;
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
  const core = String(availableParallelism() - 1);
  return run("taskset", ["-c", core, ...command]);
}
