export { type AttachableCard, attachToVpcd, type VpcdOptions } from "./attach.ts";
