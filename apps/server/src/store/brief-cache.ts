const maxEntries = 1000;

/** Values that stay good for a moment: at most a thousand, the oldest go first. */
export class BriefCache<Value> {
  readonly #entries = new Map<string, { value: Value; until: number }>();
  readonly #lifetime: number;
  readonly #clock: () => number;

  /** @param lifetime milliseconds */
  constructor(lifetime: number, clock: () => number) {
    this.#lifetime = lifetime;
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.until > this.#clock() ? entry.value : undefined;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    if (this.#entries.size >= maxEntries) this.#entries.delete(this.#entries.keys().next().value as string);
    this.#entries.set(key, { value, until: this.#clock() + this.#lifetime });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
