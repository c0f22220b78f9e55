/** Context of the sealed display of one request. */
export function displayContext(requestId: string): string {
  return `requests.display_sealed:${requestId}`;
}
