import { type ChildProcess, execFile, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Benchmark } from "./benchmark.ts";
import { freePortBase, Installation, withDataDirectory } from "./installation.ts";
import { median } from "./median.ts";
import { cpuTime, withDescendants } from "./processes.ts";

const run = promisify(execFile);
const atATime = 8;

type Responder = { url: string; pid: number; question: Buffer };
type Rate = { perCpuSecond: number; perSecond: number };

/**
 * OCSP answers of the sandbox per CPU-second of its process, against `openssl ocsp` as responder: both sign with RSA-2048 and
 * return a nonce, over a connection for each question, which is all that the other one can. In turn.
 */
export const ocspAnswers: Benchmark = async ({ runs, seconds, say }) =>
  withDataDirectory(async (directory) => {
    const installation = await Installation.start("sandbox", join(directory, "xid"));
    const reference = await startOpenssl(directory);
    try {
      const own = await sandboxResponder(installation, directory);
      const rates: Record<"own" | "kept" | "openssl", Rate[]> = { own: [], kept: [], openssl: [] };
      await measure(own, 2, false);
      await measure(reference, 1, false);
      for (let number = 0; number < runs; number++) {
        rates.own.push(await measure(own, seconds, false));
        rates.kept.push(await measure(own, seconds, true));
        rates.openssl.push(await measure(reference, seconds, false));
        const [one, kept, other] = [rates.own, rates.kept, rates.openssl].map((all) =>
          all.at(-1)!.perCpuSecond.toFixed(0),
        );
        say(`run ${number + 1}: ${one} answers per CPU-second, ${kept} over kept connections, openssl ocsp ${other}`);
      }
      const per = (field: keyof Rate) => (all: Rate[]) => all.map((rate) => rate[field]);
      const [cpu, wall] = [per("perCpuSecond"), per("perSecond")];
      const against = (values: number[]) => ({ what: "openssl ocsp as responder", value: median(values) });
      return [
        {
          what: "OCSP answers of the sandbox",
          unit: "per CPU-s",
          value: median(cpu(rates.own)),
          runs: cpu(rates.own),
          reference: against(cpu(rates.openssl)),
        },
        {
          what: "OCSP answers of the sandbox, connections kept",
          unit: "per CPU-s",
          value: median(cpu(rates.kept)),
          runs: cpu(rates.kept),
          reference: against(cpu(rates.openssl)),
        },
        {
          what: "OCSP answers of the sandbox",
          unit: "per s",
          value: median(wall(rates.own)),
          runs: wall(rates.own),
          reference: against(wall(rates.openssl)),
        },
      ];
    } finally {
      reference.child.kill("SIGTERM");
      await installation.stop();
    }
  });

async function sandboxResponder(installation: Installation, directory: string): Promise<Responder> {
  const { id } = await installation.xid<{ id: string }>("person", "create");
  const { certificates } = (
    await installation.xid<{ card: { certificates: { kind: string; serial: string }[] } }>("person", "show", id)
  ).card;
  const serial = certificates.find(({ kind }) => kind === "signature")!.serial;
  const issuer = join(directory, "issuer.cer");
  const answer = await fetch(`${installation.sandbox}/jpki/ca/signature.cer`);
  await writeFile(issuer, Buffer.from(await answer.arrayBuffer()));
  const own = withDescendants(installation.process.pid!).find(({ command }) => command.includes("sandbox/src/main"));
  if (!own) throw new Error("the sandbox has no process of its own");
  const url = `${installation.sandbox}/jpki/ocsp/signature`;
  return { url, pid: own.pid, question: await makeQuestion(directory, issuer, serial) };
}

/** A CA of its own with one certificate, that signs its answers itself. */
async function startOpenssl(directory: string): Promise<Responder & { child: ChildProcess }> {
  const file = (name: string) => join(directory, name);
  const subject = ["-subj", "/C=JP/O=SIM-JPKI/CN=bench", "-days", "10"];
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", file("key.pem")];
  await run("openssl", ["req", "-x509", ...key, ...subject, "-out", file("ca.pem")]);
  await writeFile(file("index.txt"), "V\t391231145959Z\t\t01000005\tunknown\t/C=JP/CN=someone\n");
  const port = await freePortBase();
  const signer = ["-CA", file("ca.pem"), "-rsigner", file("ca.pem"), "-rkey", file("key.pem"), "-nmin", "15"];
  const where = ["-index", file("index.txt"), "-port", String(port)];
  const child = spawn("openssl", ["ocsp", ...where, ...signer], { stdio: "ignore" });
  const question = await makeQuestion(directory, file("ca.pem"), "01000005");
  const responder = { url: `http://127.0.0.1:${port}/`, pid: child.pid!, question, child };
  while ((await ask(responder).catch(() => 0)) === 0) await delay(50);
  return responder;
}

async function makeQuestion(directory: string, issuer: string, serial: string): Promise<Buffer> {
  const file = join(directory, "question.der");
  await run("openssl", ["ocsp", "-issuer", issuer, "-serial", `0x${serial}`, "-nonce", "-reqout", file]);
  return readFile(file);
}

async function measure(responder: Responder, seconds: number, keepAlive: boolean): Promise<Rate> {
  const agent = new Agent({ keepAlive, maxSockets: atATime });
  const [began, cpu] = [performance.now(), cpuTime(responder.pid)];
  let answers = 0;
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      while (performance.now() - began < seconds * 1000) {
        if ((await ask(responder, agent)) < responder.question.length) throw new Error("no answer");
        answers++;
      }
    }),
  );
  agent.destroy();
  const wall = (performance.now() - began) / 1000;
  return { perSecond: answers / wall, perCpuSecond: answers / ((cpuTime(responder.pid) - cpu) / 1000) };
}

/** Length of the answer's body. */
function ask({ url, question }: Responder, agent = new Agent()): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/ocsp-request", "content-length": question.length };
    const asking = request(url, { method: "POST", agent, headers }, (response) => {
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on("end", () => resolve(response.statusCode === 200 ? length : 0));
      response.on("error", reject);
    });
    asking.on("error", reject);
    asking.end(question);
  });
}
