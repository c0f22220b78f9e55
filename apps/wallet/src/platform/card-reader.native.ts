import { CardError } from "@xid/card";
import { Platform } from "react-native";
import NfcManager, { NfcAdapter, NfcError, NfcTech } from "react-native-nfc-manager";
import { WalletError } from "../wallet-error.ts";
import { createNfcSession, type IsoDepCard } from "./nfc-session.ts";
import type { CardReader } from "./ports.ts";

/** Android asks a tag every 125 ms by default whether it is still there, and so loses a card that is computing. */
const presenceCheckDelay = 1500;

/** The phone's NFC, ISO-DEP. Applications are named in app.json, without which iOS lets no card through. */
export function createCardReader(): CardReader {
  return {
    cards: null,
    async availability() {
      if (!(await NfcManager.isSupported())) return "absent";
      await NfcManager.start();
      return (await NfcManager.isEnabled()) ? "ready" : "off";
    },
    async connect({ prompt, signal }) {
      const cancel = () => void NfcManager.cancelTechnologyRequest().catch(() => undefined);
      if (signal.aborted) throw new WalletError("CANCELLED", "reading was stopped");
      signal.addEventListener("abort", cancel, { once: true });
      try {
        await NfcManager.requestTechnology(NfcTech.IsoDep, {
          alertMessage: prompt,
          // The card is Type B; FeliCa and other cards under the phone must not answer first.
          readerModeFlags: NfcAdapter.FLAG_READER_NFC_B | NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK,
          readerModeDelay: presenceCheckDelay,
          isReaderModeEnabled: true,
        });
      } catch (cause) {
        signal.removeEventListener("abort", cancel);
        await NfcManager.cancelTechnologyRequest().catch(() => undefined);
        throw toError(cause, signal);
      }
      return createNfcSession(connectedCard(signal), () => signal.removeEventListener("abort", cancel));
    },
  };
}

function connectedCard(signal: AbortSignal): IsoDepCard {
  return {
    transceive: (command) => NfcManager.isoDepHandler.transceive(command),
    say: (text) => NfcManager.setAlertMessage(text),
    async end({ text, success }) {
      const sheetClosed =
        success || Platform.OS !== "ios"
          ? NfcManager.setAlertMessage(text)
          : NfcManager.invalidateSessionWithErrorIOS(text);
      await sheetClosed.catch(() => undefined);
      await NfcManager.cancelTechnologyRequest();
    },
    toError: (cause) => toError(cause, signal),
  };
}

/** Whatever breaks a session while no answer is there means that the card is not there any more. */
function toError(cause: unknown, signal: AbortSignal): CardError | WalletError {
  if (signal.aborted || cause instanceof NfcError.UserCancel || cause instanceof NfcError.SessionInvalidated) {
    return new WalletError("CANCELLED", "reading was stopped", cause);
  }
  if (cause instanceof NfcError.RadioDisabled || cause instanceof NfcError.UnsupportedFeature) {
    return new CardError("READER_UNAVAILABLE", "the phone's NFC cannot be used", { cause });
  }
  return new CardError("CARD_LOST", "the card left the phone", { cause });
}
