export { PcscReader } from "./reader.ts";
