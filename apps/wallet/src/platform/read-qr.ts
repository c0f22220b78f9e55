import decodeQR from "qr/decode.js";

/** Longest side that is looked at: more costs time and finds nothing more. */
export const largestImageSide = 1024;

/** Text of the QR code in a picture of RGBA pixels, or null when none is found. */
export function readQr(image: { width: number; height: number; data: Uint8ClampedArray }): string | null {
  try {
    return decodeQR(image);
  } catch {
    return null;
  }
}
