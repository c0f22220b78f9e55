export type BoundedRequest = {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | string;
  /** Milliseconds for the whole exchange. */
  timeout: number;
  /** Octets of the body, at most. */
  maxOctets: number;
};

/**
 * One HTTP exchange with an end: redirects are refused, so are bodies that are too long or too slow.
 * Rejects with the cause of the failure; an answer of any status is an answer.
 */
export async function boundedFetch(
  url: string,
  { timeout, maxOctets, ...init }: BoundedRequest,
): Promise<{ status: number; contentType: string; body: Buffer }> {
  const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(timeout) });
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    octets += chunk.length;
    if (octets > maxOctets) throw new RangeError(`${new URL(url).host} sent more than ${maxOctets} octets`);
    chunks.push(chunk);
  }
  return {
    status: response.status,
    contentType: response.headers.get("content-type")?.split(";")[0] ?? "",
    body: Buffer.concat(chunks),
  };
}
