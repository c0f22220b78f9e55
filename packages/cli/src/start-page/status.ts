import type { Person } from "../sandbox-client.ts";
import type { PartStatus } from "../up/part.ts";

export type Resident = Pick<Person, "id" | "persona" | "name" | "pins">;

/** What `/status.json` answers. `residents` holds the first few of `residentCount`. */
export type Status = {
  /** Whether every part serves. */
  ready: boolean;
  parts: PartStatus[];
  residents: Resident[];
  residentCount: number;
};
