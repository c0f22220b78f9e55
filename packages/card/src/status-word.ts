/** Status words SW1 SW2 as this card uses them: JICSAP 1.1 meanings, which are not ISO's everywhere (6984). */
export const StatusWord = {
  ok: 0x9000,
  /** Verification failed, and the reference has no counter. */
  verificationFailed: 0x6300,
  /** 63Cx: verification failed, x tries left; also the answer to an empty VERIFY. */
  triesLeft: 0x63c0,
  memoryFailure: 0x6581,
  /** Secure messaging: no key delivery is configured. */
  keyDeliveryNotConfigured: 0x66f1,
  wrongLength: 0x6700,
  channelNotSupported: 0x6881,
  secureMessagingNotSupported: 0x6882,
  wrongFileStructure: 0x6981,
  securityStatusNotSatisfied: 0x6982,
  /** ISO's word for a blocked PIN; some phones' tokens say it. */
  authenticationMethodBlocked: 0x6983,
  /** JICSAP: the referenced IEF is locked. A My Number Card's answer to VERIFY on a blocked PIN. */
  referenceLocked: 0x6984,
  conditionsNotSatisfied: 0x6985,
  noCurrentFile: 0x6986,
  /** Secure messaging: data objects are missing. */
  secureMessagingObjectsMissing: 0x6987,
  /** Secure messaging: data objects are wrong, or were made with another counter. The session is over. */
  secureMessagingObjectsWrong: 0x6988,
  /** Secure messaging without a session. */
  noSecureMessagingSession: 0x69fc,
  wrongData: 0x6a80,
  featureNotProvided: 0x6a81,
  fileNotFound: 0x6a82,
  recordNotFound: 0x6a83,
  wrongParameters: 0x6a86,
  /** No key or data object of that name. */
  referenceNotFound: 0x6a88,
  offsetPastEnd: 0x6b00,
  instructionNotSupported: 0x6d00,
  classNotSupported: 0x6e00,
  generalFailure: 0x6f00,
} as const;

/** x of 63Cx, the tries left (0 to 15); `undefined` for any other status word. */
export function triesLeftOf(statusWord: number): number | undefined {
  return (statusWord & 0xfff0) === StatusWord.triesLeft ? statusWord & 0x000f : undefined;
}
