/** What `xid up` runs. */
export const partNames = ["sandbox", "server", "wallet", "bank"] as const;
export type PartName = (typeof partNames)[number];

export type PartState =
  | "waiting"
  | "starting"
  /** The xID app is being bundled: the first start only. */
  | "building"
  | "ready"
  /** It died and is being started again. */
  | "restarting"
  /** It died too often, or could not be built. */
  | "failed"
  | "stopped";

/** `detail` says what is going on, or why not: one line, no secrets. */
export type PartStatus = { name: PartName; url: string; state: PartState; detail: string };

/** Anything that can be started and stopped, and tells how it is. */
export interface Part {
  readonly name: PartName;
  readonly url: string;
  status(): PartStatus;
  /** Resolves when it can really serve. Throws `CliError("START_FAILED")` with the reason. */
  start(): Promise<void>;
  /** Resolves when it is gone. Never rejects. */
  stop(): Promise<void>;
}
