export * from "../der/writer.ts";
export * from "./authority.ts";
export * from "./raw-signed-data.ts";
export * from "./test-pdf.ts";
export * from "./timestamp-authority.ts";
