import type { CardModel } from "./card-state.ts";

/** What readers know a My Number Card and the phones' tokens by. */
const labels: Record<CardModel, string> = {
  card: "JPKIAPICCTOKEN2",
  android: "JPKIAPGPSETOKEN",
  iphone: "JPKIAPIOSTOKEN",
  "next-draft": "SIM-DRAFT-NEXT-CARD",
};

/**
 * EF 0006 of the JPKI application: CK_TOKEN_INFO (PKCS #11) in 160 bytes, numbers of 32 bits big-endian.
 * The manufacturer and the model are this simulator's own.
 */
export function tokenInformation(model: CardModel, serialNumber: string): Uint8Array {
  return Buffer.concat([
    Buffer.from(labels[model].padEnd(32), "ascii"),
    Buffer.from("SIM-JPKI".padEnd(32), "ascii"),
    Buffer.from("xID virtual".padEnd(16), "ascii"),
    Buffer.from(serialNumber.slice(0, 16).padEnd(16), "ascii"),
    u32(
      0x0000040d, // CKF_RNG, CKF_LOGIN_REQUIRED, CKF_USER_PIN_INITIALIZED, CKF_TOKEN_INITIALIZED
      ...[1, 0, 1, 0], // sessions: largest and current number, the same for read-write
      ...[16, 6], // PIN: longest, shortest
      ...[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], // memory: unknown
    ),
    Buffer.from("0301", "ascii"), // hardware and firmware version
    Buffer.from("9".repeat(16), "ascii"), // no clock
  ]);
}

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}
