import { collectHandOver } from "../request/hand-over.ts";
import { handOverParameters, handOverPath, readOwnHandOver } from "./read-own-hand-over.ts";
import { defineRoute } from "./route.ts";

/** The relying party has the envelope: nobody else keeps it. */
export const deleteHandOver = defineRoute({
  method: "delete",
  path: handOverPath,
  access: { person: "openid" },
  name: "deleteHandOver",
  summary: { ja: "マイナンバーの封筒の受領", en: "Says that the envelope has arrived" },
  description: {
    ja: "受け取った封筒を消します。受領の時刻だけが残り、`GET /v1/requests/{id}`で確かめられます。繰り返しても同じです。",
    en: "Deletes the envelope. The time of it remains, to be seen at `GET /v1/requests/{id}`. Once more is the same as once.",
  },
  parameters: handOverParameters,
  answer: null,
  async serve(platform, { caller, parameters: { id } }) {
    await readOwnHandOver(platform, caller, id);
    await collectHandOver(platform, id);
    return undefined;
  },
});
