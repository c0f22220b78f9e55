import { useEffect, useRef } from "react";
import type { QrCameraProps } from "./qr-scanner.ts";
import { largestImageSide, readQr } from "./read-qr.ts";

const lookEvery = 120;

/** The camera's picture, searched for a QR code several times a second. */
export function QrCamera({ label, onText, onProblem }: QrCameraProps) {
  const video = useRef<HTMLVideoElement>(null);
  const listeners = useRef({ onText, onProblem });
  listeners.current = { onText, onProblem };
  useEffect(() => {
    let stopped = false;
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const text = video.current && readPicture(video.current, video.current.videoWidth, video.current.videoHeight);
      if (stopped) return;
      if (text) listeners.current.onText(text);
      timer = setTimeout(look, lookEvery);
    };
    const start = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      if (stopped || !video.current) return stop(stream);
      video.current.srcObject = stream;
      await video.current.play();
      look();
    };
    start().catch((error: unknown) => {
      if (stopped) return;
      const denied = error instanceof DOMException && error.name === "NotAllowedError";
      listeners.current.onProblem(denied ? "DENIED" : "UNAVAILABLE");
    });
    return () => {
      stopped = true;
      clearTimeout(timer);
      if (stream) stop(stream);
    };
  }, []);
  return <video ref={video} className="xid-camera" aria-label={label} muted playsInline />;
}

/** Text of the QR code in a picture file that the person chooses; null when there is none, undefined without a choice. */
export function chooseQrImage(): Promise<string | null | undefined> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "image/*";
    input.oncancel = () => resolve(undefined);
    input.onchange = async () => {
      const file = input.files?.[0];
      const bitmap = file && (await createImageBitmap(file).catch(() => undefined));
      resolve(bitmap ? readPicture(bitmap, bitmap.width, bitmap.height) : null);
    };
    input.click();
  });
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function readPicture(picture: CanvasImageSource, width: number, height: number): string | null {
  if (width === 0 || height === 0) return null;
  const scale = Math.min(1, largestImageSide / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return readQr(context.getImageData(0, 0, canvas.width, canvas.height));
}
