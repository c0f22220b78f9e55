import { type CardTransport, JpkiApplication } from "@xid/card";
import type { BegunEnrolment, Wallet } from "../../wallet/wallet.ts";
import type { SelectedApplication } from "./card-task.ts";
import type { ReadingStep } from "./machine.ts";

/** The card signs what an enrolment needs, and the wallet keeps that until it is sent. */
export async function selectToEnrol(
  transport: CardTransport,
  { wallet, begun, onStep }: { wallet: Wallet; begun: BegunEnrolment | null; onStep: (step: ReadingStep) => void },
): Promise<SelectedApplication> {
  const application = await JpkiApplication.select(transport);
  return {
    triesLeft: () => application.triesLeft("signature"),
    verifyPin: (value, options) => application.verifyPin("signature", value, options),
    step: "signing",
    async work() {
      if (!begun) throw new TypeError("nothing was begun");
      await wallet.signEnrolment(begun, async (statements) => {
        const signatures: Uint8Array[] = [];
        for (const statement of statements) signatures.push(await application.sign("signature", statement));
        onStep("certificate");
        return { signatures, certificate: await application.readCertificate("signature") };
      });
    },
  };
}
