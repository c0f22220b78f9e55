import { Replay, ReplayOrder } from "@xid/protocol";
import { replay } from "../../events/endpoints.ts";
import { defineRoute } from "../route.ts";
import { EndpointId, ownEndpoint } from "./own-endpoint.ts";

export const postReplay = defineRoute({
  method: "post",
  path: "/webhook-endpoints/{id}/replays",
  access: { client: "webhooks" },
  name: "replayEvents",
  summary: { ja: "再送", en: "Replay events" },
  description: {
    ja: "1件のイベント(`event`)、またはある時刻からあと(`since`)のすべてを、もう一度送ります。イベントは30日間保管しています。`webhook-id` は最初と同じです。",
    en: "Sends one `event`, or all `since` a time, once more. Events are kept for 30 days. The `webhook-id` is the same as before.",
  },
  parameters: EndpointId,
  body: { form: "json", shape: ReplayOrder },
  answer: Replay,
  status: 202,
  async serve(platform, { caller: { clientId }, parameters, body }) {
    return { events: await replay(platform, await ownEndpoint(platform, clientId, parameters.id), body) };
  },
});
