import { pino } from "pino";
import { beforeEach, describe, expect, it } from "vitest";
import { JpkiError } from "./jpki-error.ts";
import { OutageLog } from "./outage-log.ts";

const address = "http://ocsp.example/";

describe("the log of outages", () => {
  let lines: object[];
  let now: number;
  let outages: OutageLog;
  beforeEach(() => {
    lines = [];
    now = 1_000_000;
    const log = pino({ base: null, timestamp: false }, { write: (text: string) => void lines.push(JSON.parse(text)) });
    outages = new OutageLog(log, () => now);
  });
  const answer = () => outages.watch("OCSP", address, async () => "good");
  const fail = (error: unknown = new TypeError("fetch failed", { cause: errorWith("ECONNREFUSED") })) =>
    outages.watch("OCSP", address, () => Promise.reject(error)).catch((caught) => caught);
  const errorWith = (code: string) => Object.assign(new Error("serial 0a1b of 山田花子"), { code });
  const down = { source: "OCSP", address, reason: "ECONNREFUSED", level: 40, msg: "OCSP gives no usable answer" };

  it("says nothing while all is well, and passes answers and errors on", async () => {
    const error = errorWith("X");
    expect(await answer()).toBe("good");
    expect(lines).toEqual([]);
    expect(await fail(error)).toBe(error);
  });

  it("tells an outage once, and once that it is over", async () => {
    await fail();
    now += 30_000;
    await fail();
    now += 60_000;
    await answer();
    await answer();
    expect(lines).toEqual([down, { source: "OCSP", address, seconds: 30, level: 40, msg: "OCSP answers again" }]);
    await fail();
    expect(lines).toHaveLength(3);
  });

  it("takes an outage that comes and goes for one", async () => {
    for (let times = 0; times < 5; times++) {
      await fail();
      now += 59_999;
      await answer();
    }
    expect(lines).toEqual([down]);
  });

  it("keeps one address apart from another", async () => {
    await fail();
    await outages.watch("CRL", "http://crl.example/", () => Promise.reject(errorWith("MALFORMED"))).catch(() => {});
    expect(lines).toMatchObject([down, { source: "CRL", reason: "MALFORMED" }]);
  });

  it("quotes nothing of the error", async () => {
    await fail(new TypeError("about 山田花子", { cause: errorWith("MALFORMED") }));
    expect(JSON.stringify(lines)).not.toMatch(/山田|0a1b/);
  });

  it("says what a source answered", async () => {
    await fail(new RangeError("the OCSP responder answered 503"));
    expect(lines).toMatchObject([{ reason: "the OCSP responder answered 503" }]);
  });

  it("takes a certificate that J-LIS does not know for an answer", async () => {
    const unknown = () => Promise.reject(new JpkiError("JLIS_UNKNOWN_SERIAL", "not known"));
    await outages.watch("J-LIS", address, unknown).catch(() => {});
    expect(lines).toEqual([]);
  });
});
