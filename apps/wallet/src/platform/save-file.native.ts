import { Share } from "react-native";
import type { SaveFile } from "./ports.ts";

/** As a text: no module of the app writes files. */
export const saveFile: SaveFile = async (name, text) => {
  await Share.share({ title: name, message: text });
};
