/** Takes as long for equal as for different bytes of one length. */
export function equalInConstantTime(first: Uint8Array, second: Uint8Array): boolean {
  if (first.length !== second.length) return false;
  let difference = 0;
  for (let index = 0; index < first.length; index++) difference |= first[index]! ^ second[index]!;
  return difference === 0;
}
