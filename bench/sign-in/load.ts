export type Load = { flows: number; seconds: number };

/**
 * Runs flows for so long, or until there have been so many, and counts those that were complete; `concurrency` at a time.
 * The first that fails fails it all.
 */
export async function load(
  limit: { seconds: number; flows?: number },
  concurrency: number,
  flow: (lane: number) => Promise<void>,
): Promise<Load> {
  const began = performance.now();
  const end = began + limit.seconds * 1000;
  const enough = limit.flows ?? Number.POSITIVE_INFINITY;
  let flows = 0;
  const lane = async (number: number) => {
    while (performance.now() < end && flows < enough) {
      await flow(number);
      flows++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, number) => lane(number)));
  return { flows, seconds: (performance.now() - began) / 1000 };
}
