import type { Page } from "playwright-core";
import decodeQR from "qr/decode.js";

/** Reads the QR code that stands on a page, from a picture of it: what a phone's camera does. */
export async function readQrCode(page: Page): Promise<string> {
  const picture = (await page.locator("#qr").screenshot()).toString("base64");
  const blank = await page.context().newPage();
  try {
    const image = await blank.evaluate(async (data) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      const { width, height } = bitmap;
      // Text crosses to the test many times faster than a list of numbers, and a code lives three seconds.
      let pixels = "";
      for (const byte of context.getImageData(0, 0, width, height).data) pixels += String.fromCharCode(byte);
      return { width, height, pixels: btoa(pixels) };
    }, picture);
    const { width, height, pixels } = image;
    return decodeQR({ width, height, data: Uint8Array.from(Buffer.from(pixels, "base64")) });
  } finally {
    await blank.close();
  }
}
