import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  credentialType,
  credentialTypeUri,
  disclosureDigest,
  type EcJwk,
  type EncryptionKey,
  encryptionKeysOf,
  formatSdJwt,
  keyBindingType,
  makeDisclosure,
  presentationDigest,
  type SigningKey,
  sealEnvelope,
  signJws,
} from "@xid/protocol";
import fc from "fast-check";
import type { JWK } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchIssuerKeys, openPresentation, type PresentationCheck } from "./open-presentation.ts";

const issuer = "https://id.example";
const now = Date.parse("2026-11-25T00:00:00Z");
const time = now / 1000;

function newKey(): SigningKey & { jwk: JWK } {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y, d } = privateKey.export({ format: "jwk" });
  return {
    publicJwk: { kty, crv, x, y } as EcJwk,
    jwk: { kty, crv, x, y, d } as JWK,
    sign: async (data) => sign("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  };
}

const [issuerKey, holder, recipient] = [newKey(), newKey(), newKey()];
const encryptionKey: EncryptionKey = { ...recipient.publicJwk, use: "enc" };
const check: PresentationCheck = {
  keys: [newKey().jwk, recipient.jwk],
  issuerKeys: [{ ...issuerKey.publicJwk, kid: "k1" }],
  issuer,
  audience: "bank",
  nonce: "n1",
  now,
};

const disclosures = [
  makeDisclosure(Buffer.alloc(16, 1), "name", "山田　花子"),
  makeDisclosure(Buffer.alloc(16, 2), "age_over_20", true),
  makeDisclosure(Buffer.alloc(16, 3), "birthdate", "1990-01-31"),
];
const shown = disclosures.slice(0, 2);

type Changes = {
  header?: object;
  payload?: object;
  bindingHeader?: object;
  binding?: object;
  issuerKey?: SigningKey;
  holder?: SigningKey;
  shown?: typeof disclosures;
};

/** As the platform and the app make it, but for what is changed. */
async function present(changes: Changes = {}): Promise<string> {
  const payload = {
    iss: issuer,
    iat: time - 10,
    exp: time + 86_400,
    vct: credentialTypeUri(issuer),
    cnf: { jwk: holder.publicJwk },
    _sd_alg: "sha-256",
    _sd: disclosures.map(disclosureDigest),
    ...changes.payload,
  };
  const header = { typ: credentialType, kid: "k1", ...changes.header };
  const presented = formatSdJwt(await signJws(header, payload, changes.issuerKey ?? issuerKey), changes.shown ?? shown);
  const binding = { iat: time, aud: "bank", nonce: "n1", sd_hash: presentationDigest(presented), ...changes.binding };
  return (
    presented + (await signJws({ typ: keyBindingType, ...changes.bindingHeader }, binding, changes.holder ?? holder))
  );
}

const seal = (sdJwt: string, contentType = credentialType) =>
  sealEnvelope(encryptionKey, contentType, new TextEncoder().encode(sdJwt));

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "opened",
    (error) => error.code ?? String(error),
  );

describe("a presentation", () => {
  it("gives the claims that the holder shows, and no others", async () => {
    const opened = await openPresentation(await seal(await present()), check);
    expect(opened.claims).toEqual({ name: "山田　花子", age_over_20: true });
    expect(opened.presentedAt).toEqual(new Date(now));
    expect(opened.sdJwt).not.toContain(disclosures[2]!.encoded);
  });

  it.each<[string, string, Changes]>([
    ["by another issuer's key", "CREDENTIAL_INVALID", { issuerKey: newKey() }],
    ["by a key that the issuer does not name", "CREDENTIAL_INVALID", { header: { kid: "k2" } }],
    ["that is another kind of JWT", "CREDENTIAL_INVALID", { header: { typ: "JWT" } }],
    ["of another issuer", "CREDENTIAL_INVALID", { payload: { iss: "https://evil.example" } }],
    ["of another type", "CREDENTIAL_INVALID", { payload: { vct: "https://id.example/credentials/dog" } }],
    ["that has ended", "CREDENTIAL_INVALID", { payload: { exp: time - 61 } }],
    ["of tomorrow", "CREDENTIAL_INVALID", { payload: { iat: time + 61 } }],
    ["with another hash", "CREDENTIAL_INVALID", { payload: { _sd_alg: "sha-512" } }],
    ["without a holder", "CREDENTIAL_INVALID", { payload: { cnf: undefined } }],
    [
      "with a claim that nobody signed",
      "CREDENTIAL_INVALID",
      { payload: { _sd: disclosures.slice(1).map(disclosureDigest) } },
    ],
    ["with a claim twice", "CREDENTIAL_INVALID", { shown: [shown[0]!, shown[0]!] }],
    [
      "with a digest twice",
      "CREDENTIAL_INVALID",
      { payload: { _sd: [...disclosures, disclosures[0]!].map(disclosureDigest) } },
    ],
    ["by another holder", "HOLDER_MISMATCH", { holder: newKey() }],
    ["for another relying party", "HOLDER_MISMATCH", { binding: { aud: "shop" } }],
    ["for several", "HOLDER_MISMATCH", { binding: { aud: ["bank"] } }],
    ["for another request", "HOLDER_MISMATCH", { binding: { nonce: "n2" } }],
    ["of something else", "HOLDER_MISMATCH", { binding: { sd_hash: presentationDigest("") } }],
    ["from before the credential", "HOLDER_MISMATCH", { binding: { iat: time - 71 } }],
    ["from after its end", "HOLDER_MISMATCH", { binding: { iat: time + 86_461 } }],
    ["bound by another kind of JWT", "HOLDER_MISMATCH", { bindingHeader: { typ: "JWT" } }],
    ["bound to something more", "HOLDER_MISMATCH", { binding: { exp: time } }],
  ])("%s is refused: %s", async (_, expected, changes) => {
    expect(await codeOf(openPresentation(await seal(await present(changes)), check))).toBe(expected);
  });

  it("with a claim in another form is refused", async () => {
    const odd = makeDisclosure(Buffer.alloc(16), "age_over_20", "yes");
    const changes = { payload: { _sd: [disclosureDigest(odd)] }, shown: [odd] };
    expect(await codeOf(openPresentation(await seal(await present(changes)), check))).toBe("RESPONSE_INVALID");
  });

  it("that nobody presents is refused", async () => {
    const sdJwt = (await present()).replace(/[^~]*$/, "");
    expect(await codeOf(openPresentation(await seal(sdJwt), check))).toBe("HOLDER_MISMATCH");
  });

  it("in an envelope for somebody else, or of something else, is refused", async () => {
    const envelope = await seal(await present());
    expect(await codeOf(openPresentation(envelope, { ...check, keys: [newKey().jwk] }))).toBe("ENVELOPE_INVALID");
    expect(await codeOf(openPresentation(envelope, { ...check, keys: [] }))).toBe("ENVELOPE_INVALID");
    expect(await codeOf(openPresentation(await seal(await present(), "text/plain"), check))).toBe("ENVELOPE_INVALID");
  });

  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~=+ ";
  const mutation = fc.tuple(fc.nat(), fc.constantFrom(...letters));
  const mutate = (text: string, [at, letter]: [number, string]) => {
    const position = at % text.length;
    return text.slice(0, position) + letter + text.slice(position + 1);
  };

  it("with any letter of its envelope changed is refused as an envelope", async () => {
    const envelope = await seal(await present());
    await fc.assert(
      fc.asyncProperty(mutation, async (change) => {
        const changed = mutate(envelope, change);
        fc.pre(changed !== envelope);
        expect(await codeOf(openPresentation(changed, check))).toBe("ENVELOPE_INVALID");
      }),
      { numRuns: 300 },
    );
  });

  it("with any letter inside changed, by whoever seals it again, is refused for the issuer's or the holder's signature", async () => {
    const sdJwt = await present();
    const holdersPart = sdJwt.lastIndexOf("~");
    await fc.assert(
      fc.asyncProperty(mutation, async (change) => {
        const changed = mutate(sdJwt, change);
        fc.pre(changed !== sdJwt);
        const code = await codeOf(openPresentation(await seal(changed), check));
        const isHolders = change[0] % sdJwt.length > holdersPart && change[1] !== "~";
        if (isHolders) expect(code).toBe("HOLDER_MISMATCH");
        else expect(["CREDENTIAL_INVALID", "HOLDER_MISMATCH"]).toContain(code);
      }),
      { numRuns: 300 },
    );
  });

  it("of any bytes gives claims or one of our codes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...letters), maxLength: 400 }), async (text) => {
        expect(await codeOf(openPresentation(text, check))).toBe("ENVELOPE_INVALID");
        expect(["CREDENTIAL_INVALID", "HOLDER_MISMATCH"]).toContain(
          await codeOf(openPresentation(await seal(text), check)),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe("an issuer's keys", () => {
  let answer = "";
  const server = createServer((_, response) => response.end(answer));
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("are those that it says are its own", async () => {
    const keys = [{ ...issuerKey.publicJwk, kid: "k1" }];
    answer = JSON.stringify({ issuer: url, jwks: { keys } });
    expect(await fetchIssuerKeys(url)).toEqual(keys);
    for (const wrong of [
      "{}",
      "<html>",
      JSON.stringify({ issuer, jwks: { keys } }),
      JSON.stringify({ issuer: url, jwks: {} }),
    ]) {
      answer = wrong;
      expect(await codeOf(fetchIssuerKeys(url))).toBe("RESPONSE_INVALID");
    }
    expect(await codeOf(fetchIssuerKeys("http://127.0.0.1:9"))).toBe("UNREACHABLE");
    expect(encryptionKeysOf({ keys: [encryptionKey] })).toHaveLength(1);
  });
});
