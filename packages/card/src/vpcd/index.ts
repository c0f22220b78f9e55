export { attachToVpcd, type VpcdOptions } from "./attach.ts";
