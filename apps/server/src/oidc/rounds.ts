/** Work that is done over and over: the next round begins a while after the last has ended, however that was. */
export class Rounds {
  readonly #round: () => Promise<void>;
  readonly #pause: number;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param pause milliseconds; `round` must not reject */
  constructor(round: () => Promise<void>, pause: number) {
    this.#round = round;
    this.#pause = pause;
  }

  start(): void {
    this.#work = this.#round().then(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), this.#pause);
    });
  }

  /** Waits for the round that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#work;
  }
}
