import { applicationIdentifiers } from "./application-identifiers.ts";
import { CommonApplication, residentRegisterPin } from "./common.ts";
import { selectApplication } from "./file.ts";
import { changePin, requirePinForm, requireTries, triesLeft, verifyPin } from "./pin.ts";
import type { CardTransport } from "./transport.ts";

/**
 * 住基AP, selected on a card; see `JpkiApplication` for how long that lasts. Only its PIN is publicly known: the EF of
 * 住民票コード is not, and is not read.
 */
export class JukiApplication {
  readonly #transport: CardTransport;

  private constructor(transport: CardTransport) {
    this.#transport = transport;
  }

  /** `NOT_A_MY_NUMBER_CARD` when the card has no such application. */
  static async select(transport: CardTransport): Promise<JukiApplication> {
    await selectApplication(transport, applicationIdentifiers.juki);
    return new JukiApplication(transport);
  }

  /** Tries left of 住民基本台帳用暗証番号 here; 0 is blocked. Costs no try. */
  triesLeft(): Promise<number> {
    return triesLeft(this.#transport, residentRegisterPin);
  }

  /** 住民基本台帳用暗証番号, four digits; otherwise as `JpkiApplication.verifyPin`. */
  verifyPin(value: string, options: { lastTryAllowed?: boolean } = {}): Promise<void> {
    return verifyPin(this.#transport, residentRegisterPin, value, options);
  }

  /** After `verifyPin`. Changes this application's only: `changeResidentRegisterPin` changes both. */
  changePin(newValue: string): Promise<void> {
    return changePin(this.#transport, residentRegisterPin, newValue);
  }
}

/**
 * Changes 住民基本台帳用暗証番号, which 共通カードAP and 住基AP keep and count apart: the counters of both are asked first, then each
 * gets one VERIFY and its new value. When the second refuses or the card is lost in between, the first has the new value
 * already; `CommonApplication` and `JukiApplication` change each alone.
 */
export async function changeResidentRegisterPin(
  transport: CardTransport,
  oldValue: string,
  newValue: string,
  options: { lastTryAllowed?: boolean } = {},
): Promise<void> {
  requirePinForm(residentRegisterPin, newValue);
  const remaining = await (await JukiApplication.select(transport)).triesLeft();
  requireTries(remaining, options);
  for (const application of [CommonApplication, JukiApplication]) {
    const selected = await application.select(transport);
    await selected.verifyPin(oldValue, options);
    await selected.changePin(newValue);
  }
}
