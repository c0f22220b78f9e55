import { SandboxError } from "../error.ts";
import type { Database } from "../store/database.ts";
import { forgetFault, readFaults, recordFault, targetOf } from "../store/faults.ts";
import type { Fault, FaultKind, FaultOf, FaultRequest, Whom } from "./fault.ts";

const maximumFaults = 1000;

/** The faults that are switched on. Kept on the disk, so that they outlast a restart; asked in memory at every turn. */
export class Faults {
  readonly #database: Database;
  readonly #clock: () => Date;
  readonly #faults = new Map<string, Fault>();

  constructor(database: Database, clock: () => Date) {
    this.#database = database;
    this.#clock = clock;
    for (const fault of readFaults(database)) this.#faults.set(keyOf(fault), fault);
  }

  /** Switches one on, in place of the one of the same kind for the same verifier, card or everyone. Throws FULL. */
  set({ expiresInSeconds, ...request }: FaultRequest): Fault {
    const setAt = this.#clock();
    const expiresAt = expiresInSeconds === undefined ? undefined : new Date(setAt.getTime() + expiresInSeconds * 1000);
    const fault = { ...request, setAt, expiresAt } as Fault;
    if (!this.#faults.has(keyOf(fault)) && this.list().length >= maximumFaults) {
      throw new SandboxError("FULL", "there are faults enough");
    }
    this.#keep(fault);
    return fault;
  }

  /** In the order in which they came, without those that have ended. */
  list(): Fault[] {
    for (const fault of this.#faults.values()) if (this.#hasEnded(fault)) this.#forget(fault);
    return [...this.#faults.values()];
  }

  /** Switches off those of one kind, of one verifier, card or everyone, or all of them. Returns how many there were. */
  clear(kind?: FaultKind, whom?: Whom): number {
    const fitting = this.list().filter(
      (fault) =>
        (kind === undefined || fault.kind === kind) && (whom === undefined || targetOf(fault) === targetOf(whom)),
    );
    for (const fault of fitting) this.#forget(fault);
    return fitting.length;
  }

  /** The fault of this kind that somebody would meet now, their own before everyone's. Nothing is counted. */
  find<Kind extends FaultKind>(kind: Kind, whom: Whom): FaultOf<Kind> | undefined {
    const target = targetOf(whom);
    const own = this.#faults.get(`${kind} ${target}`);
    const fault = own && !this.#hasEnded(own) ? own : this.#faults.get(`${kind} everyone`);
    return fault && !this.#hasEnded(fault) ? (fault as FaultOf<Kind>) : undefined;
  }

  /** The same for a fault that happens now: it is counted, and after its last time it is gone. */
  take<Kind extends FaultKind>(kind: Kind, whom: Whom): FaultOf<Kind> | undefined {
    const fault = this.find(kind, whom);
    if (fault?.count === undefined) return fault;
    if (fault.count > 1) this.#keep({ ...fault, count: fault.count - 1 });
    else this.#forget(fault);
    return fault;
  }

  #keep(fault: Fault): void {
    recordFault(this.#database, fault);
    this.#faults.set(keyOf(fault), fault);
  }

  #forget(fault: Fault): void {
    forgetFault(this.#database, fault);
    this.#faults.delete(keyOf(fault));
  }

  #hasEnded({ expiresAt }: Fault): boolean {
    return expiresAt !== undefined && this.#clock() >= expiresAt;
  }
}

function keyOf(fault: Fault): string {
  return `${fault.kind} ${targetOf(fault)}`;
}
