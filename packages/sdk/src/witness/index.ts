export { fileWitnessStore, type WitnessStore } from "./file-witness-store.ts";
export { Witness, type WitnessAnswer, type WitnessOptions } from "./witness.ts";
export { readOrCreateWitnessKey } from "./witness-key.ts";
export { type RunningWitness, startWitness } from "./witness-server.ts";
