import { DocumentError } from "./document-error.ts";

/** How many times its size a document takes while it is read, drafted, signed or validated. */
const copies = 4;

type Waiting = { octets: number; go(): void };

/** Lets so many octets of documents be worked on at a time; who comes then waits, and too many who wait are sent away. */
export class RoomInMemory {
  readonly #most: number;
  readonly #mostWaiting: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor({ most = 512 * 1024 * 1024, mostWaiting = 100 } = {}) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** In the order in which they came. Throws `BUSY`, and what `work` throws. */
  async for<T>({ size }: { size: number }, work: () => Promise<T>): Promise<T> {
    const octets = Math.min(size * copies, this.#most);
    if (this.#waiting.length > 0 || this.#taken + octets > this.#most) await this.#wait(octets);
    else this.#taken += octets;
    try {
      return await work();
    } finally {
      this.#taken -= octets;
      this.#letIn();
    }
  }

  #wait(octets: number): Promise<void> {
    if (this.#waiting.length === this.#mostWaiting) throw new DocumentError("BUSY");
    return new Promise((go) => this.#waiting.push({ octets, go }));
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next && this.#taken + next.octets <= this.#most; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#taken += next.octets;
      next.go();
    }
  }
}

/** Of this process. */
export const roomForDocuments = new RoomInMemory();
