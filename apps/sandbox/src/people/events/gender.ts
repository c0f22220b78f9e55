import { z } from "zod";
import type { Field } from "./life-event.ts";

export const gender = {
  ja: "性別",
  en: "Sex",
  schema: z.enum(["female", "male", "unknown"]).optional(),
  choices: {
    female: { ja: "女", en: "Female" },
    male: { ja: "男", en: "Male" },
    unknown: { ja: "不明", en: "Unknown" },
  },
} satisfies Field;
