export { browse } from "./browse.ts";
export { startTestProvider, type TestProvider } from "./test-provider.ts";
