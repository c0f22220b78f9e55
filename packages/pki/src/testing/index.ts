export * from "../der/writer.ts";
export * from "./authority.ts";
