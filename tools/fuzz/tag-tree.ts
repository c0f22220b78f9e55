/** An element of DER or of a card's TLV: what is inside, or its octets where it holds no elements. */
export type TagTree = { tag: number[]; content: TagTree[] | Buffer };

/** The elements one after another; undefined where the bytes are not such all through. Octet strings are looked into. */
export function parseTree(bytes: Buffer, depth = 0): TagTree[] | undefined {
  const elements: TagTree[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = [bytes[at++]!];
    if ((tag[0]! & 0x1f) === 0x1f) {
      do tag.push(bytes[at++] ?? -1);
      while (tag.at(-1)! >= 0x80 && tag.length < 3);
    }
    let length = bytes[at++];
    if (length === undefined || tag.includes(-1)) return undefined;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 3 || at + octets > bytes.length) return undefined;
      length = bytes.readUIntBE(at, octets);
      at += octets;
    }
    if (at + length > bytes.length) return undefined;
    const content = bytes.subarray(at, at + length);
    at += length;
    const inside = depth < 24 && length > 1 && mayHoldElements(tag[0]!) ? parseTree(content, depth + 1) : undefined;
    elements.push({ tag, content: inside ?? Buffer.from(content) });
  }
  return elements;
}

const mayHoldElements = (tag: number): boolean => (tag & 0x20) !== 0 || tag === 0x04;

/** With the lengths that belong to the contents. */
export function encodeTree(elements: readonly TagTree[]): Buffer {
  return Buffer.concat(
    elements.map(({ tag, content }) => {
      const value = Array.isArray(content) ? encodeTree(content) : content;
      return Buffer.concat([Buffer.from(tag), encodeLength(value.length), value]);
    }),
  );
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  if (length < 0x100) return Buffer.of(0x81, length);
  if (length < 0x1_0000) return Buffer.of(0x82, length >> 8, length & 0xff);
  return Buffer.of(0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
}

/** Every list of elements in the tree, the outermost first. */
export function listsOf(elements: TagTree[]): TagTree[][] {
  return [elements, ...elements.flatMap(({ content }) => (Array.isArray(content) ? listsOf(content) : []))];
}
