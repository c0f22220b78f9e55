import { expect, it } from "vitest";
import { RoomInMemory } from "./room-in-memory.ts";

const settled = () => new Promise((resolve) => setImmediate(resolve));

it("lets documents in as far as they fit, in the order in which they came, and sends too many away", async () => {
  const room = new RoomInMemory({ most: 100, mostWaiting: 2 });
  const ends: (() => void)[] = [];
  const begun: string[] = [];
  const work = (name: string, size: number) =>
    room.for({ size }, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const [first, second, large] = [work("first", 10), work("second", 10), work("large", 25)];
  const small = work("small", 1);
  await expect(work("one too many", 1)).rejects.toMatchObject({ code: "BUSY" });
  await settled();
  expect(begun).toEqual(["first", "second"]);
  for (const end of ends.splice(0)) end();
  await Promise.all([first, second]);
  await settled();
  expect(begun).toEqual(["first", "second", "large"]);
  for (const end of ends.splice(0)) end();
  await large;
  await settled();
  for (const end of ends.splice(0)) end();
  await small;
  expect(begun).toEqual(["first", "second", "large", "small"]);
});

it("goes on after work that failed, and has room for one that is larger than all of it", async () => {
  const room = new RoomInMemory({ most: 100, mostWaiting: 2 });
  const failing = room.for({ size: 1000 }, () => Promise.reject(new Error("broken")));
  const next = room.for({ size: 1000 }, async () => "done");
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("done");
});
