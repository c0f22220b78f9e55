/** A view of the camera that reports every QR code that it sees, again and again. */
export type QrCameraProps = {
  /** Said by screen readers. */
  label: string;
  onText: (text: string) => void;
  onProblem: (code: "DENIED" | "UNAVAILABLE") => void;
};
