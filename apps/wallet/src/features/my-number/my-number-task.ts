import {
  type CardAuthority,
  type SignedText,
  TextApplication,
  type VerifiedText,
  verifyCheckDigit,
  verifyText,
} from "@xid/card";
import { type EncryptionKey, type RequestDisplay, requireOwnKey, requireSamePerson, sealHandOver } from "@xid/protocol";
import { createHolderKey } from "../../wallet/holder-key.ts";
import type { Wallet } from "../../wallet/wallet.ts";
import type { CardTask } from "../card/card-task.ts";

/**
 * The My Number is read, verified and encrypted in one go, while the card is there: outside of `work` there is only the
 * envelope. Nothing is asked of the card before the relying party itself has named the key.
 */
export function myNumberTask(
  wallet: Wallet,
  display: Extract<RequestDisplay, { kind: "my_number" }>,
): Pick<CardTask, "pin" | "lead" | "prepare" | "select"> {
  let means: { recipientKey: EncryptionKey; authorities: CardAuthority[] } | undefined;
  return {
    pin: "text",
    lead: "card.prepare.number",
    async prepare() {
      const [recipientKey, authorities] = await Promise.all([
        requireOwnKey(display.handOver.recipient, display.client.domain),
        wallet.cardAuthorities(),
      ]);
      means = { recipientKey, authorities };
    },
    async select(transport, take) {
      if (!means) throw new TypeError("nothing was prepared");
      const { recipientKey, authorities } = means;
      const application = await TextApplication.select(transport);
      return {
        triesLeft: () => application.triesLeft(),
        verifyPin: (value, options) => application.verifyPin(value, options),
        step: "number",
        async work() {
          const files = (await application.readSignedText({
            myNumber: true,
            attributes: true,
          })) as Required<SignedText>;
          try {
            const verified = verifyText(files, authorities) as Required<VerifiedText>;
            verifyCheckDigit(verified.myNumber);
            requireSamePerson(verified.attributes, display.handOver.attributes);
            const holderKey = createHolderKey(wallet.platform.randomBytes);
            const { envelopeCrypto } = wallet.platform;
            const sealing = {
              recipientKey,
              holderKey,
              now: Date.now(),
              ...(envelopeCrypto && { crypto: envelopeCrypto }),
            };
            take({ handOver: await sealHandOver(display, files, sealing) });
          } finally {
            for (const file of Object.values(files)) file.fill(0);
          }
        },
      };
    },
  };
}
