// Verifies one CRL from a file and looks serial numbers up in it. Prints what that cost.
// The peak is taken before any look-up, and beside it the peak of the same process when it has read nothing.
import { X509Certificate } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { parseCertificate, verifyCrlStream } from "@xid/pki";
import { type CrlFile, serialOctets, writeSerial } from "./crl-file.ts";

export type CrlCost = {
  cpuSeconds: number;
  /** MB. */
  memory: number;
  memoryBefore: number;
  kept: number;
  /** Look-ups per second of CPU: of numbers that are not on the list, and of some that are. */
  misses: number;
  hits: number;
};

const { crl, authority, entries, serials } = JSON.parse(process.argv[2]!) as CrlFile;
const issuer = parseCertificate(new X509Certificate(await readFile(authority)).raw);

const peak = () => process.resourceUsage().maxRSS / 1000;
const memoryBefore = peak();
const before = process.cpuUsage();
const file = await open(crl);
const list = await verifyCrlStream(chunksOf(file), { issuer, time: new Date(), maxOctets: 2 ** 30 });
await file.close();
const { user, system } = process.cpuUsage(before);
const memory = peak();
if (list.entryCount !== entries) throw new Error(`${list.entryCount} entries read`);

const cost: CrlCost = {
  cpuSeconds: (user + system) / 1e6,
  memory,
  memoryBefore,
  kept: list.crl.entries.byteLength / 1e6,
  misses: lookUps(false),
  hits: lookUps(true),
};
process.stdout.write(JSON.stringify(cost));

/** In random order, all of them on the list or none. */
function lookUps(onTheList: boolean): number {
  const { entries: table } = list.crl;
  const octets = serialOctets[serials];
  const rounds = 1_000_000;
  const numbers = new Uint8Array(rounds * octets);
  for (let round = 0, state = 1; round < rounds; round++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    writeSerial(numbers.subarray(round * octets), serials, Math.floor((state / 2 ** 32) * entries), onTheList);
  }
  const serial = new Uint8Array(octets);
  let rate = 0;
  for (let run = 0; run < 7; run++) {
    let found = 0;
    const start = process.cpuUsage();
    for (let at = 0; at < numbers.length; ) {
      for (let octet = 0; octet < octets; octet++) serial[octet] = numbers[at++]!;
      if (table.find(serial) !== undefined) found++;
    }
    const used = process.cpuUsage(start);
    if (found !== (onTheList ? rounds : 0)) throw new Error(`${found} found`);
    rate = Math.max(rate, (rounds * 1e6) / (used.user + used.system));
  }
  return rate;
}

async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafe(256 * 1024);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
