import { html } from "hono/html";
import { municipalities } from "../people/municipalities.ts";
import type { Html } from "./layout.ts";

/** The municipalities that the simulation knows, for inputs with `list="places"`. */
export function placeSuggestions(): Html {
  return html`<datalist id="places">
    ${municipalities.map(({ prefecture, name }) => html`<option value="${prefecture}${name}"></option>`)}
  </datalist>`;
}
