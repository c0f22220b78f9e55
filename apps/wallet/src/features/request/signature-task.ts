import { JpkiApplication } from "@xid/card";
import { digestToSign, type RequestDisplay, toBase64url } from "@xid/protocol";
import type { CardTask } from "../card/card-task.ts";

/** The card signs the document that was shown. */
export function signatureTask(
  display: Extract<RequestDisplay, { kind: "card_signature" }>,
): Pick<CardTask, "pin" | "prepare" | "select"> {
  return {
    pin: "signature",
    prepare: async () => {},
    async select(transport, take) {
      const application = await JpkiApplication.select(transport);
      return {
        triesLeft: () => application.triesLeft("signature"),
        verifyPin: (value, options) => application.verifyPin("signature", value, options),
        step: "signing",
        async work() {
          const signature = await application.signDigest("signature", digestToSign(display.signature.document));
          const certificate = await application.readCertificate("signature");
          take({ card: { signature: toBase64url(signature), certificate: toBase64url(certificate) } });
        },
      };
    },
  };
}
