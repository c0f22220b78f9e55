import { CardSignatureDetail, cardSignatureType, ProtocolError, toShownDocument } from "@xid/protocol";
import { splitDocument } from "../../request/shown-document.ts";
import { type DetailType, refuseDetail } from "./detail-type.ts";
import { parseDetail } from "./parse-detail.ts";

/** A signature by the card of a document that can be shown. */
export const cardSignatureDetail: DetailType = {
  type: cardSignatureType,
  kind: "card_signature",
  purpose: { ja: "マイナンバーカードによる署名", en: "Signature with the My Number Card" },
  assert(_platform, _client, detail) {
    const { document } = parseDetail(cardSignatureType, CardSignatureDetail, detail);
    try {
      toShownDocument(document);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      refuseDetail(cardSignatureType, `document: ${error.message}`);
    }
  },
  toAsked(_platform, common, detail) {
    const { display, document } = CardSignatureDetail.parse(detail);
    const { asked, text } = splitDocument(toShownDocument(document));
    return { asked: { kind: "card_signature", ...common, signature: { display, document: asked } }, text };
  },
};
