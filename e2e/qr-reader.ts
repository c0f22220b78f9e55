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
      return { width, height, data: [...context.getImageData(0, 0, width, height).data] };
    }, picture);
    return decodeQR({ ...image, data: Uint8Array.from(image.data) });
  } finally {
    await blank.close();
  }
}
