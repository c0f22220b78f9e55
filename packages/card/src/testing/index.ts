export { type PrivatePcscd, privatePcscdObstacle, startPrivatePcscd } from "./private-pcscd.ts";
export { type ReaderUnderTest, transportContract } from "./transport-contract.ts";
