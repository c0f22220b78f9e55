/** The way to one card: a reader, a phone's NFC, a session over HTTP or the software card itself. */
export interface CardTransport {
  /**
   * Sends one command APDU and gives the response APDU, status word included (ISO/IEC 7816-4 §5.1).
   * Commands are sent one at a time, the next after the answer. Rejects with `CardError`: `CARD_LOST` when the card
   * left, `READER_UNAVAILABLE` when the reader cannot be reached. The command's bytes may be zeroed by the caller
   * afterwards, so keep no reference to them.
   */
  transmit(command: Uint8Array): Promise<Uint8Array>;
}
