import { Camera, CameraView } from "expo-camera";
import { useEffect, useRef, useState } from "react";
import { StyleSheet } from "react-native";
import type { QrCameraProps } from "./qr-scanner.ts";

export function QrCamera({ label, onText, onProblem }: QrCameraProps) {
  const [granted, setGranted] = useState(false);
  const problem = useRef(onProblem);
  problem.current = onProblem;
  useEffect(() => {
    Camera.requestCameraPermissionsAsync().then(
      (answer) => (answer.granted ? setGranted(true) : problem.current("DENIED")),
      () => problem.current("UNAVAILABLE"),
    );
  }, []);
  if (!granted) return null;
  return (
    <CameraView
      accessibilityLabel={label}
      barcodeScannerSettings={{ barcodeTypes: ["qr"] }}
      onBarcodeScanned={({ data }) => onText(data)}
      style={styles.camera}
    />
  );
}

/** Pictures are read on the web only; a phone has its camera. */
export const chooseQrImage = null;

const styles = StyleSheet.create({ camera: { aspectRatio: 1, width: "100%" } });
