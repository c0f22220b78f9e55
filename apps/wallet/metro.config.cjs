const { getDefaultConfig } = require("expo/metro-config");

const config = getDefaultConfig(__dirname);

/** zod's own messages in fifty languages, a quarter of the app: people read texts of ours, never these. */
const messagesOfZod = /[/\\]zod[/\\]v4[/\\](core|classic)[/\\]/;

config.resolver.resolveRequest = (context, name, platform) =>
  name === "../locales/index.js" && messagesOfZod.test(context.originModulePath)
    ? { type: "empty" }
    : context.resolveRequest(context, name, platform);

module.exports = config;
