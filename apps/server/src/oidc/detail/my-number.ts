import { MyNumberDetail, myNumberLawVersion, myNumberType, ProtocolError } from "@xid/protocol";
import type { Client } from "oidc-provider";
import { MyNumberPurposes } from "../client-metadata.ts";
import { recipientOf } from "../recipient.ts";
import { type DetailType, refuseDetail } from "./detail-type.ts";
import { parseDetail } from "./parse-detail.ts";

/** A My Number, for a purpose of the law that the operator has permitted to this client. */
export const myNumberDetail: DetailType = {
  type: myNumberType,
  kind: "my_number",
  purpose: { ja: "マイナンバーの提供", en: "Handing over the My Number" },
  async assert(platform, client, detail) {
    const { purpose } = parseDetail(myNumberType, MyNumberDetail, detail);
    if (!permittedPurposes(client).includes(purpose)) {
      refuseDetail(myNumberType, `purpose: ${purpose} is not among this client's xid_my_number_purposes`);
    }
    try {
      await recipientOf(platform, client);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      refuseDetail(myNumberType, `jwks_uri: ${error.message}`);
    }
  },
  async toAsked(platform, common, detail, client) {
    const { purpose, nonce } = MyNumberDetail.parse(detail);
    const recipient = await recipientOf(platform, client);
    // The card's record tells the attributes in any case; items of their own are asked for by themselves.
    const handOver = { purpose, lawVersion: myNumberLawVersion, nonce, recipient };
    return { asked: { kind: "my_number", ...common, items: [], handOver } };
  },
};

function permittedPurposes(client: Client): MyNumberPurposes {
  return MyNumberPurposes.optional().parse(client.xid_my_number_purposes) ?? [];
}
