/** The way to one card: a reader, a phone's NFC, a session over HTTP or the software card itself. */
export interface CardTransport {
  /**
   * Sends one command APDU and gives the response APDU, status word included (ISO/IEC 7816-4 §5.1), in bytes that are
   * the caller's own. Commands are sent one at a time, the next after the answer. Rejects with `CardError`: `CARD_LOST`
   * when the card left, `READER_UNAVAILABLE` when the reader cannot be reached. The command's bytes are not changed, and
   * may be zeroed by the caller afterwards, so keep no reference to them.
   */
  transmit(command: Uint8Array): Promise<Uint8Array>;
}

/** A card on a reader, fresh from a reset when it is got: nothing is selected or verified. Good until `close` or `CARD_LOST`. */
export interface CardConnection extends CardTransport {
  /** Answer to reset: which reader and chip are there. It proves nothing. */
  readonly atr: Uint8Array;
  /** Lets the card go, which then forgets what was verified; `transmit` is `CARD_LOST` from here. Again changes nothing; never rejects. */
  close(): Promise<void>;
}

/** A card as its reader has it: `VirtualCard`, or one whose answers come from elsewhere. */
export interface PoweredCard {
  readonly atr: Uint8Array;
  powerOn(): void | Promise<void>;
  powerOff(): void | Promise<void>;
  reset(): void | Promise<void>;
  transmit(command: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
