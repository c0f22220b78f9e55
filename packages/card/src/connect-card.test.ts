import { test } from "vitest";
import { connectCard } from "./connect-card.ts";
import { transportContract } from "./testing/transport-contract.ts";
import { createCard } from "./virtual/create-card.ts";
import { testContents } from "./virtual/test-card.ts";
import { VirtualCard } from "./virtual/virtual-card.ts";

test.each(Object.entries(transportContract))("in process: %s", async (_, check) => {
  const card = new VirtualCard(createCard(testContents()), { persist: () => undefined });
  await check({ authenticationPin: "1234", connect: () => connectCard(card), removeCard: () => card.powerOff() });
});
