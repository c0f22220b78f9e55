import { execFile } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { consentIdOf, createLinkedPeople, readWholeList } from "@xid/server/linked-people";
import type { SweepReport } from "@xid/server/sweep";
import type { Benchmark, Measurement } from "./benchmark.ts";
import { freePortBase, Installation, withDataDirectory } from "./installation.ts";

const run = promisify(execFile);
const worker = fileURLToPath(new URL("./sweep-worker.ts", import.meta.url));
const sizes = [10_000, 100_000, 1_000_000];
/** One in a hundred has moved and been for a new certificate since the last sweep: far more than in any night. */
const share = 100;
const firstSerial = 0x2000_0000;
const clientId = "bank";

type Swept = { report: SweepReport; seconds: number; cpuSeconds: number; megabytes: number };

/**
 * Nights of 10,000, 100,000 and a million linked people against the sandbox's J-LIS: everything that a sweep does, in one
 * process, with a database of its own. Without keys: people are rows, and those who moved have one certificate's text.
 * Once for each size; the numbers of runs and seconds are not looked at.
 */
export const sweep: Benchmark = async ({ say }) => {
  const measured: Measurement[] = [];
  for (const size of sizes) {
    await withDataDirectory(async (directory) => {
      const ports = await freePortBase();
      const night = await nightOf(directory, ports, size, say);
      measured.push(...night);
    });
  }
  return measured;
};

async function nightOf(directory: string, ports: number, size: number, say: (line: string) => void) {
  const dataDirectory = join(directory, "xid");
  const environment = {
    ...process.env,
    XID_PROFILE: "sandbox",
    XID_ISSUER: `http://localhost:${ports + 1}`,
    XID_SANDBOX_URL: `http://localhost:${ports + 6}`,
    XID_DATA_DIR: dataDirectory,
  };
  let sandbox = await Installation.start("sandbox", dataDirectory, ports);
  try {
    const began = performance.now();
    const { verifierId } = await createLinkedPeople(environment, { first: firstSerial, count: size, clientId });
    const model = await moveSomebody(sandbox.sandbox);
    await sandbox.stop();
    moveMany(join(dataDirectory, "sandbox", "sandbox.sqlite"), { model, verifierId, size });
    sandbox = await Installation.start("sandbox", dataDirectory, ports);
    say(`${size} people in ${((performance.now() - began) / 1000).toFixed(0)} s`);

    const moved = await sweepOnce(environment);
    const idle = await sweepOnce(environment);
    const list = await readWholeList(environment, clientId);
    say(
      `${size}: ${moved.seconds.toFixed(1)} s, ${moved.megabytes.toFixed(0)} MB, ${moved.report.calls} calls for ${moved.report.versions} moves; ${idle.seconds.toFixed(1)} s, ${idle.report.calls} calls for none; list ${list.changes} in ${list.seconds.toFixed(2)} s`,
    );
    if (moved.report.asked !== size || moved.report.versions !== size / share || list.changes !== size / share) {
      throw new Error(`not everybody was found: ${JSON.stringify({ ...moved.report, ...list })}`);
    }
    const of = (what: string) => `sweep of ${size} linked people, of whom ${size / share} moved: ${what}`;
    const nobody = (value: number) => ({ what: "the same with nobody changed", value });
    return [
      { what: of("time"), unit: "s", value: moved.seconds, reference: nobody(idle.seconds) },
      { what: of("CPU of the process"), unit: "CPU-s", value: moved.cpuSeconds, reference: nobody(idle.cpuSeconds) },
      { what: of("peak memory of the process"), unit: "MB", value: moved.megabytes, reference: nobody(idle.megabytes) },
      { what: of("calls to J-LIS"), unit: "calls", value: moved.report.calls, reference: nobody(idle.report.calls) },
      {
        what: `list of ${list.changes} changes read in pages of 1000`,
        unit: "changes/s",
        value: list.changes / list.seconds,
      },
    ];
  } finally {
    await sandbox.stop();
  }
}

async function sweepOnce(environment: NodeJS.ProcessEnv): Promise<Swept> {
  const { stdout } = await run(process.execPath, [worker], { env: environment });
  return JSON.parse(stdout) as Swept;
}

/** Somebody with a real certificate of a new address, which stands for everybody's. */
async function moveSomebody(sandboxUrl: string): Promise<string> {
  const post = async (path: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${sandboxUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string };
  };
  const { id } = await post("/api/people", { persona: "default" });
  await post(`/api/people/${id}/events`, { type: "move", address: "高松市" });
  await post(`/api/people/${id}/events`, { type: "reissue-signature" });
  return id;
}

/** Every hundredth of the linked people becomes a resident who has moved: two certificates and a consent each, by sets. */
function moveMany(
  file: string,
  { model, verifierId, size }: { model: string; verifierId: string; size: number },
): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA foreign_keys = OFF; BEGIN");
  const moved = `(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${size / share}) SELECT i FROM n)`;
  database.exec(`
    INSERT INTO people (id, persona, name, kana, birthdate, gender, address, my_number, standing, pins, card_standing, card,
        card_number, phone_model, phone, created_at)
      SELECT 'moved-' || i, persona, name, kana, birthdate, gender, address, 'number-' || i, standing, pins, card_standing,
        NULL, 0, NULL, NULL, created_at FROM people, ${moved} WHERE id = '${model}';
    INSERT INTO certificates (kind, serial, generation, person_id, medium, municipality, der, not_before, not_after,
        revoked_at, reason, held)
      SELECT kind, ${firstSerial} + i * ${share}, generation, 'moved-' || i, medium, municipality, der, not_before,
        not_after, not_before, 'affiliationChanged', 0
      FROM certificates, ${moved} WHERE person_id = '${model}' AND kind = 'signature' AND held = 1;
    INSERT INTO certificates (kind, serial, generation, person_id, medium, municipality, der, not_before, not_after, held)
      SELECT kind, ${firstSerial} + ${size} + i, generation, 'moved-' || i, medium, municipality, der, not_before,
        not_after, 1
      FROM certificates, ${moved} WHERE person_id = '${model}' AND kind = 'signature' AND held = 1;`);
  const consent = database.prepare(
    "INSERT INTO consents VALUES (?, ?, ?, 'xID', 'xID', '[\"name\",\"birthdate\",\"gender\",\"address\"]', ?, ?, ?, x'00', x'00', x'00')",
  );
  const now = Date.now();
  for (let index = 0; index < size / share; index++) {
    const person = `moved-${index}`;
    consent.run(consentIdOf(firstSerial + index * share), verifierId, person, now, now, now + 1e12);
  }
  database.exec("COMMIT");
  database.close();
}
