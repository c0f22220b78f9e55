import { z } from "zod";

/**
 * What a relying party may want beyond a device that was enrolled with a card, whose certificate stood good when it was last
 * asked about. `fresh`: it is asked about at this very sign-in. `card`: the card itself is there, and asked about.
 */
export const AuthenticationLevel = z.enum(["fresh", "card"]);
export type AuthenticationLevel = z.infer<typeof AuthenticationLevel>;
