import { Cookies, send } from "./http.ts";
import { authorization, location, type RelyingParty, redeem } from "./relying-party.ts";

/** Authorization to tokens at the bare provider, whose interaction needs nobody: four requests. */
export async function bareFlow(party: RelyingParty, port: number): Promise<void> {
  const begun = authorization(party, "/auth");
  const cookies = new Cookies();
  const follow = async (step: string, url: string) => {
    const answer = await send(port, "GET", url, cookies.header());
    cookies.keep(answer);
    return location(step, answer, party.issuer);
  };
  const interaction = await follow("authorization", begun.url);
  const resume = await follow("interaction", interaction);
  await redeem(party, "/token", port, begun, await follow("resume", resume));
}
