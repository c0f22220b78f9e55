export * from "../der/writer.ts";
export * from "./authority.ts";
export * from "./raw-signed-data.ts";
export * from "./timestamp-authority.ts";
