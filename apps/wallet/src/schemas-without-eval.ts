import { config } from "zod";

// zod writes code for its schemas where it may; our content policy does not let it, and reports the attempt. This must
// come before the first schema, so before everything else.
config({ jitless: true });
