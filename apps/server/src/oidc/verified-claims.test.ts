import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jpkiWorld } from "@xid/pki/testing";
import type { ItemName } from "@xid/protocol";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import * as rp from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createTestAccount,
  recordApproval,
  registerClient,
  startTestProvider,
  TestBrowser,
  type TestProvider,
} from "./test-provider.ts";

const folder = join(import.meta.dirname, "../../../../vectors/openid-ida");
const schema = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as object;
const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
for (const name of ["claims_schema", "verified_claims_request"]) ajv.addSchema(schema(name));
const isAnswer = ajv.compile(schema("verified_claims"));
const isRequest = ajv.getSchema(
  "https://bitbucket.org/openid/ekyc-ida/raw/master/schema/verified_claims_request.json",
)!;

const { leaf } = jpkiWorld();

/** A registered client, and what it gets for a `claims` parameter when all or some of the items are let go. */
class RelyingParty {
  readonly #op: TestProvider;
  readonly #config: rp.Configuration;

  private constructor(op: TestProvider, config: rp.Configuration) {
    this.#op = op;
    this.#config = config;
  }

  static async register(op: TestProvider, metadata: object = {}): Promise<RelyingParty> {
    const { body } = await registerClient(op.issuer, {
      redirect_uris: ["http://localhost:4003/callback"],
      token_endpoint_auth_method: "none",
      ...metadata,
    });
    const config = await rp.discovery(new URL(op.issuer), body.client_id as string, body, rp.None(), {
      execute: [rp.allowInsecureRequests],
    });
    return new RelyingParty(op, config);
  }

  async #authorize(claims: object, scope: string) {
    const verifier = rp.randomPKCECodeVerifier();
    const checks = { pkceCodeVerifier: verifier, expectedNonce: rp.randomNonce(), expectedState: rp.randomState() };
    const url = rp.buildAuthorizationUrl(this.#config, {
      redirect_uri: "http://localhost:4003/callback",
      scope,
      claims: JSON.stringify(claims),
      code_challenge: await rp.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      nonce: checks.expectedNonce,
      state: checks.expectedState,
    });
    return { url, checks };
  }

  async ask(claims: object, { items, scope = "openid" }: { items?: ItemName[]; scope?: string } = {}) {
    expect(isRequest(claims), JSON.stringify(isRequest.errors)).toBe(true);
    const { url, checks } = await this.#authorize(claims, scope);
    const browser = new TestBrowser();
    const requestId = await browser.begin(url.href, this.#op.issuer);
    const { accountId } = await createTestAccount(this.#op, leaf);
    await recordApproval(this.#op, requestId, { accountId, via: "qr", ...(items && { items }) });
    const callback = await browser.finish(this.#op.issuer, requestId);
    const tokens = await rp.authorizationCodeGrant(this.#config, callback, checks);
    const idToken = tokens.claims()!;
    const userInfo = await rp.fetchUserInfo(this.#config, tokens.access_token, idToken.sub);
    for (const answer of [idToken, userInfo]) expect(isAnswer(answer), JSON.stringify(isAnswer.errors)).toBe(true);
    return { idToken: idToken.verified_claims, userInfo: userInfo.verified_claims as unknown, requestId };
  }

  /** The error with which a request is sent back. */
  async refusal(claims: object): Promise<string | null> {
    const response = await fetch((await this.#authorize(claims, "openid")).url, { redirect: "manual" });
    return new URL(response.headers.get("location")!, this.#op.issuer).searchParams.get("error");
  }
}

const jpAml = { trust_framework: { value: "jp_aml" } };

describe("verified_claims", () => {
  let op: TestProvider;
  let bank: RelyingParty;
  let shop: RelyingParty;
  beforeAll(async () => {
    op = await startTestProvider();
    bank = await RelyingParty.register(op, { xid_receives_certificates: true });
    shop = await RelyingParty.register(op);
  });
  afterAll(() => op.close());

  const userInfoFor = async (request: object, who = bank, options?: Parameters<RelyingParty["ask"]>[1]) =>
    (await who.ask({ userinfo: { verified_claims: request } }, options)).userInfo;

  it("say what was asked and no more: the framework always, and the claims that were let go", async () => {
    const request = { verification: { trust_framework: null }, claims: { name: null, birthdate: null, msisdn: null } };
    expect(await userInfoFor(request, bank, { items: ["name"] })).toEqual({
      verification: { trust_framework: "jp_aml" },
      claims: { name: "山田　花子" },
    });
  });

  it("hold the whole story for whoever asks for it and may have it", async () => {
    const verification = {
      ...jpAml,
      time: { max_age: 31_536_000 },
      verification_process: null,
      assurance_process: {
        policy: null,
        procedure: null,
        assurance_details: [{ assurance_type: null, evidence_ref: [{ check_id: null }] }],
      },
      evidence: [
        {
          type: { value: "electronic_signature" },
          signature_type: null,
          issuer: null,
          serial_number: null,
          created_at: null,
          derived_claims: { name: null },
        },
        {
          type: { value: "document" },
          check_details: [{ check_method: null, check_id: null, organization: null, time: null }],
          document_details: { type: { value: "jp_individual_number_card" } },
        },
      ],
    };
    const { userInfo, idToken } = await bank.ask({
      userinfo: { verified_claims: { verification, claims: { name: null, address: { essential: true } } } },
    });
    expect(idToken).toBeUndefined();
    expect(userInfo).toEqual({
      verification: {
        trust_framework: "jp_aml",
        time: expect.stringMatching(/\+09:00$/),
        verification_process: expect.stringMatching(/^[0-9a-f-]{36}$/),
        assurance_process: {
          policy: "jp_aml",
          procedure: "6-1-1-wa",
          assurance_details: [
            { assurance_type: "evidence_validation", evidence_ref: [{ check_id: "certificate" }] },
            { assurance_type: "verification", evidence_ref: [{ check_id: "card" }] },
          ],
        },
        evidence: [
          {
            type: "document",
            check_details: [
              {
                check_method: "vcrypt",
                check_id: "certificate",
                organization: expect.any(String),
                time: expect.any(String),
              },
              { check_method: "token", check_id: "card", organization: expect.any(String), time: expect.any(String) },
            ],
            document_details: { type: "jp_individual_number_card" },
          },
          {
            type: "electronic_signature",
            signature_type: "jpki_digital_signature",
            issuer: "C=JP, O=TEST-JPKI, OU=JPKI for digital signature",
            serial_number: "0132C4AB",
            created_at: expect.any(String),
            derived_claims: { name: "山田　花子" },
          },
        ],
      },
      claims: { name: "山田　花子", address: expect.objectContaining({ municipality_code: "13101" }) },
    });
  });

  it("name the act's evidence", async () => {
    const request = { verification: { trust_framework: null, verification_process: null }, claims: { name: null } };
    const { userInfo, requestId } = await bank.ask({ userinfo: { verified_claims: request } });
    const row = await op.database
      .selectFrom("requests")
      .select("evidence_id")
      .where("request_id", "=", requestId)
      .executeTakeFirstOrThrow();
    expect(userInfo).toMatchObject({ verification: { verification_process: row.evidence_id } });
  });

  it("never give a serial number to whoever may not have it: nothing is said at all", async () => {
    const evidence = [{ type: { value: "electronic_signature" }, serial_number: null }];
    const request = { verification: { trust_framework: null, evidence }, claims: { name: null } };
    expect(await userInfoFor(request, bank)).toMatchObject({
      verification: { evidence: [{ serial_number: "0132C4AB" }] },
    });
    expect(await userInfoFor(request, shop)).toBeUndefined();
    expect(
      JSON.stringify(
        await userInfoFor({ verification: { trust_framework: null, evidence: [{ type: {} }] }, claims: null }, shop),
      ),
    ).not.toContain("0132C4AB");
  });

  it.each<[string, object]>([
    ["another framework", { trust_framework: { value: "de_aml" } }],
    ["one of other frameworks", { trust_framework: { values: ["eidas", "uk_diatf"] } }],
    ["a verification younger than now", { ...jpAml, time: { max_age: 0 } }],
    ["an assurance level, which this framework has not", { ...jpAml, assurance_level: { value: "high" } }],
    ["an element that we do not have", { ...jpAml, assurance_level: { essential: true } }],
    ["evidence of another kind", { ...jpAml, evidence: [{ type: { value: "vouch" } }] }],
    [
      "another document",
      { ...jpAml, evidence: [{ type: { value: "document" }, document_details: { type: { value: "passport" } } }] },
    ],
    [
      "another method",
      { ...jpAml, evidence: [{ type: { value: "document" }, check_details: [{ check_method: { value: "bvr" } }] }] },
    ],
    [
      "two pieces of evidence, of which there is one",
      { ...jpAml, evidence: [{ type: { value: "document" } }, { type: { value: "electronic_record" } }] },
    ],
  ])("are left out whole for whoever insists on %s", async (_, verification) => {
    expect(await userInfoFor({ verification, claims: { name: null } })).toBeUndefined();
  });

  it("leave out a claim that has another value, and all of it when none is left", async () => {
    const verification = { trust_framework: null };
    const claims = { gender: { value: "male" }, age_over_18: { value: true }, name: null };
    expect(await userInfoFor({ verification, claims })).toMatchObject({
      claims: { age_over_18: true, name: "山田　花子" },
    });
    expect(await userInfoFor({ verification, claims: { gender: { value: "male" } } })).toBeUndefined();
    expect(await userInfoFor({ verification, claims: { name: null } }, bank, { items: [] })).toBeUndefined();
    expect(await userInfoFor({ verification, claims: { my_number: { essential: true } } })).toBeUndefined();
  });

  it("answer a list with a list of those that can be met, there where it was asked", async () => {
    const list = [
      { verification: { trust_framework: { value: "de_aml" } }, claims: { name: null } },
      { verification: jpAml, claims: { birthdate: null } },
      { verification: jpAml, claims: { gender: null, birthdate: null } },
    ];
    const { idToken, userInfo } = await bank.ask({ id_token: { verified_claims: list } });
    expect(userInfo).toBeUndefined();
    expect(idToken).toEqual([
      { verification: { trust_framework: "jp_aml" }, claims: { birthdate: "1990-04-01" } },
      { verification: { trust_framework: "jp_aml" }, claims: { gender: "female", birthdate: "1990-04-01" } },
    ]);
    expect(await userInfoFor([list[0]!])).toBeUndefined();
  });

  it("with `claims: null` are all that was let go", async () => {
    const answer = await userInfoFor({ verification: { trust_framework: null }, claims: null }, bank, {
      items: ["age_over_20", "municipality"],
    });
    expect(answer).toMatchObject({
      claims: {
        age_over_20: true,
        municipality: { region: "東京都", locality: "千代田区", municipality_code: "13101" },
      },
    });
  });

  it.each<[string, unknown]>([
    ["without a framework", { verification: {}, claims: { name: null } }],
    ["without claims", { verification: jpAml }],
    ["with empty claims", { verification: jpAml, claims: {} }],
    ["with a member more", { verification: jpAml, claims: { name: null }, evidence: [] }],
    ["with a framework that is a text", { verification: { trust_framework: "jp_aml" }, claims: { name: null } }],
    ["with a negative age", { verification: { ...jpAml, time: { max_age: -1 } }, claims: { name: null } }],
    [
      "with evidence of an unknown kind",
      { verification: { ...jpAml, evidence: [{ type: { value: "qes" } }] }, claims: null },
    ],
    ["with no evidence in a list", { verification: { ...jpAml, evidence: [] }, claims: null }],
    ["of an empty list", []],
    ["of a list in a list", [[{ verification: jpAml, claims: null }]]],
    ["of too many", Array(6).fill({ verification: jpAml, claims: null })],
    ["that is null", null],
  ])("are refused to a request %s", async (_, request) => {
    expect(await bank.refusal({ userinfo: { verified_claims: request } })).toBe("invalid_request");
  });

  it("are announced with all that they can say", async () => {
    const response = await fetch(`${op.issuer}/.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({
      verified_claims_supported: true,
      trust_frameworks_supported: ["jp_aml"],
      evidence_supported: ["document", "electronic_signature"],
      documents_supported: ["jp_individual_number_card"],
      documents_check_methods_supported: ["vcrypt", "token"],
      claims_in_verified_claims_supported: expect.arrayContaining(["name", "age_over_18", "municipality"]),
      claims_supported: expect.arrayContaining(["verified_claims", "family_name"]),
    });
  });
});
