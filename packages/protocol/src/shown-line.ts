import { z } from "zod";

/** Control characters, those that turn the direction of text around, and those that no font has. */
export const unshown = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u;

/** A text of a relying party's that a person is shown: one line that reads as it is. */
export const shownLine = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !unshown.test(text) && text.trim() !== "", "must be one line of text that can be shown");

/** What a relying party may say about a request that it sends to a person (`binding_message` of CIBA). */
export const RequestMessage = shownLine(200);
