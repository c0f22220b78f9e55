import { sweepInstallation } from "@xid/server/sweep";

/** One sweep in a process of its own, as `xid sweep run` does it: what it did, and the most that it has held at once. */
const began = performance.now();
const report = await sweepInstallation(process.env);
const seconds = (performance.now() - began) / 1000;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
process.stdout.write(JSON.stringify({ report, seconds, cpuSeconds, megabytes: maxRSS / 1000 }));
