import type { LifeEventDefinition, Words } from "./events/life-event.ts";

/** An event as the command line and other programs learn of it. */
export type PresentedDefinition = Words & {
  type: string;
  about: Words;
  fields: (Words & { name: string; option: string; required: boolean; hint?: Words; choices?: string[] })[];
};

export function presentDefinition({ type, ja, en, about, fields }: LifeEventDefinition): PresentedDefinition {
  return {
    ...{ type, ja, en, about },
    fields: Object.entries(fields).map(([name, field]) => ({
      ...{ name, ja: field.ja, en: field.en, option: field.option ?? name },
      required: !field.schema.safeParse(undefined).success,
      ...(field.hint ? { hint: field.hint } : {}),
      ...(field.choices ? { choices: Object.keys(field.choices) } : {}),
    })),
  };
}
