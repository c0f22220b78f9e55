export type Load = { flows: number; seconds: number };

/** Runs flows for so long, so many at a time, and counts those that were complete. The first that fails fails it all. */
export async function load(seconds: number, concurrency: number, flow: (lane: number) => Promise<void>): Promise<Load> {
  const began = performance.now();
  const end = began + seconds * 1000;
  let flows = 0;
  const lane = async (number: number) => {
    while (performance.now() < end) {
      await flow(number);
      flows++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, number) => lane(number)));
  return { flows, seconds: (performance.now() - began) / 1000 };
}
