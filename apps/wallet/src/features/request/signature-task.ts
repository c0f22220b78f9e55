import { JpkiApplication } from "@xid/card";
import { digestForCard, type RequestDisplay, toBase64url } from "@xid/protocol";
import type { CardTask } from "../card/card-task.ts";

/** The card signs the document that was shown, or that it is there. `origin` is the platform's. */
export function signatureTask(
  display: Extract<RequestDisplay, { kind: "card_signature" | "sign_in" }>,
  origin: string,
): Pick<CardTask, "pin" | "lead" | "prepare" | "select"> {
  return {
    pin: "signature",
    lead: display.kind === "sign_in" ? "card.prepare.presence" : "card.prepare.document",
    prepare: async () => {},
    async select(transport, take) {
      const application = await JpkiApplication.select(transport);
      return {
        triesLeft: () => application.triesLeft("signature"),
        verifyPin: (value, options) => application.verifyPin("signature", value, options),
        step: "signing",
        async work() {
          const digest = digestForCard(display, origin);
          if (!digest) throw new TypeError("nothing is to be signed with the card");
          const signature = await application.signDigest("signature", digest);
          const certificate = await application.readCertificate("signature");
          take({ card: { signature: toBase64url(signature), certificate: toBase64url(certificate) } });
        },
      };
    },
  };
}
