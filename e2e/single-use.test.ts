import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { authorizationCode, enrolledResident } from "./headless.ts";
import { RelyingParty } from "./relying-party.ts";
import { freePort, type ServerProcess, startServer } from "./server-process.ts";

/** Exactly one of ten attempts, shared out over two processes of one platform, may win. */
describe("what may be used once, through two server processes at the same time", () => {
  const places = inject("places");
  let second: ServerProcess;
  let party: RelyingParty;
  let wallet: Awaited<ReturnType<typeof enrolledResident>>["wallet"];

  beforeAll(async () => {
    const port = await freePort();
    second = await startServer(places, { port, issuer: places.platform, data: places.data });
    party = await RelyingParty.register(places.platform);
    ({ wallet } = await enrolledResident(places, places.data));
  });
  afterAll(() => second?.end("SIGTERM"));

  const ten = <T>(attempt: (server: string) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: 10 }, (_, n) => attempt(n % 2 ? second.url : places.platform)));
  const statuses = (answers: { status: number }[]) => answers.map((answer) => answer.status).sort();
  const onlyOne = [200, ...Array<number>(9).fill(400)];

  it("redeems one authorization code once", async () => {
    const { url, verifier } = party.authorization();
    const code = await authorizationCode(wallet, url);
    const answers = await ten((server) => party.redeem(code, verifier, { server }));
    expect(statuses(answers)).toEqual(onlyOne);
    expect(answers.filter(({ status }) => status === 400).map(({ body }) => body.error)).toEqual(
      Array(9).fill("invalid_grant"),
    );
  });

  /** Ten redemptions of ten fresh codes that share nothing but `shared`. */
  async function redeemTenSharing(shared: { assertion: string } | { dpop: string }) {
    const fresh = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { url, verifier } = party.authorization();
        return { code: await authorizationCode(wallet, url), verifier };
      }),
    );
    return ten((server) => {
      const { code, verifier } = fresh.pop()!;
      return party.redeem(code, verifier, { server, ...shared });
    });
  }

  it.each([
    ["client assertion", async () => ({ assertion: await party.assertion() }), "invalid_client"],
    ["DPoP proof", async () => ({ dpop: await party.dpopProof() }), "invalid_grant"],
  ] as const)("takes one %s once", async (_, make, error) => {
    const answers = await redeemTenSharing(await make());
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === error)).toHaveLength(9);
  });

  it("refuses a replay later, too, and ends the tokens that the code had given", async () => {
    const { url, verifier } = party.authorization();
    const code = await authorizationCode(wallet, url);
    const first = await party.redeem(code, verifier);
    expect(first.status).toBe(200);
    expect((await party.redeem(code, verifier, { server: second.url })).body.error).toBe("invalid_grant");
    const userInfo = await fetch(`${places.platform}/userinfo`, {
      headers: { authorization: `Bearer ${first.body.access_token}` },
    });
    expect(userInfo.status).toBe(401);
  });
});
