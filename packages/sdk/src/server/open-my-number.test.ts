import { readFileSync } from "node:fs";
import { parseCardAuthorities } from "@xid/card";
import { envelopeDigest } from "@xid/protocol";
import fc from "fast-check";
import type { JWK } from "jose";
import { describe, expect, it } from "vitest";
import { openMyNumber, type ReceivedHandOver } from "./open-my-number.ts";
import { XidError } from "./xid-error.ts";

type Vector = { id: string; expect: { myNumber: string } | { code: string }; received: ReceivedHandOver };
const { vectors, keys, ...content } = JSON.parse(
  readFileSync(new URL("../../../../vectors/my-number/hand-overs.json", import.meta.url), "utf8"),
) as { authorities: unknown; keys: JWK[]; vectors: Vector[] };
const authorities = parseCardAuthorities(content.authorities);
const [{ received: good }] = vectors as [Vector];

async function outcomeOf(received: ReceivedHandOver, trust: Partial<Parameters<typeof openMyNumber>[1]> = {}) {
  try {
    const { myNumber } = await openMyNumber(received, { keys, authorities, ...trust });
    return { myNumber };
  } catch (error) {
    return error instanceof XidError ? { code: error.code } : error;
  }
}

describe("opening a My Number", () => {
  it.each(vectors)("$id: $expect", async ({ expect: expected, received }) => {
    expect(await outcomeOf(received)).toEqual(expected);
  });

  it("says what for, by which law, whose evidence and whose card it is", async () => {
    const opened = await openMyNumber(good, { keys, authorities });
    expect(opened).toEqual({
      myNumber: "999903860488",
      attributes: {
        name: "山田　花子",
        address: "東京都清瀬市中里５丁目８４２番地",
        birthdate: "19900102",
        gender: "2",
      },
      purpose: good.purpose,
      lawVersion: good.lawVersion,
      requestId: good.requestId,
      evidenceId: good.evidenceId,
      handedOverAt: new Date(good.approvedAt),
      issuerKeyId: expect.stringMatching(/^3133323231/),
    });
  });

  it("tries earlier keys too, and none but those it is given", async () => {
    const { privateKey } = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const later = (await crypto.subtle.exportKey("jwk", privateKey)) as JWK;
    const [recipient] = keys as [JWK];
    expect(await outcomeOf(good, { keys: [later, recipient] })).toEqual({ myNumber: "999903860488" });
    expect(await outcomeOf(good, { keys: [later] })).toEqual({ code: "ENVELOPE_INVALID" });
    expect(await outcomeOf(good, { keys: [] })).toEqual({ code: "ENVELOPE_INVALID" });
  });

  it("trusts no card issuer by itself", async () => {
    expect(await outcomeOf(good, { authorities: [] })).toBeInstanceOf(RangeError);
    const others = authorities.filter(({ keyId }) => !keyId.startsWith("39303030303333"));
    expect(await outcomeOf(good, { authorities: others })).toEqual({ code: "RECORD_INVALID" });
  });

  it("refuses an envelope with any one character changed, also when that was approved", async () => {
    const characters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."];
    const changed = fc.tuple(fc.nat(good.envelope.length - 1), fc.constantFrom(...characters));
    await fc.assert(
      fc.asyncProperty(changed, async ([at, character]) => {
        fc.pre(good.envelope[at] !== character);
        const envelope = `${good.envelope.slice(0, at)}${character}${good.envelope.slice(at + 1)}`;
        expect(await outcomeOf({ ...good, envelope })).toEqual({ code: "ENVELOPE_INVALID" });
        let digest: string;
        try {
          digest = envelopeDigest(envelope);
        } catch {
          return;
        }
        expect(await outcomeOf({ ...good, envelope, envelopeDigest: digest })).toEqual({ code: "ENVELOPE_INVALID" });
      }),
      { numRuns: 300 },
    );
  });

  it("never throws anything but its own error, whatever the envelope is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (envelope) => {
        expect(await outcomeOf({ ...good, envelope })).toEqual({ code: "ENVELOPE_INVALID" });
      }),
    );
  });

  it("names neither number nor attributes in any error", async () => {
    for (const { received } of vectors) {
      const error = await openMyNumber(received, { keys, authorities }).catch((thrown: XidError) => thrown);
      if (!(error instanceof XidError)) continue;
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
        expect(`${cause.message}${cause.stack}`).not.toMatch(/99990\d{7}|山田|清瀬/);
      }
    }
  });
});
