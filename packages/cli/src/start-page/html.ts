/** Text that is HTML already. Made by `html` only. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[];

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Tagged template: everything put in is escaped, unless it is `Html`. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.reduce((text, part, index) => text + present(values[index - 1] as Value) + part));
}

function present(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(present).join("");
  return String(value).replace(/[&<>"']/g, (character) => entities[character] as string);
}
