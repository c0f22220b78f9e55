// Preloaded into every child of `xid up`: when `up` is killed, the channel to it breaks, and the child ends as if it
// had been asked to. Without this, a killed `up` would leave its ports taken.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
