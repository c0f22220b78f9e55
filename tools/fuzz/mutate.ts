import type { Random } from "./random.ts";
import { encodeTree, listsOf, parseTree, type TagTree } from "./tag-tree.ts";

/** An input is not made longer than this. */
const maxOctets = 20_000;

/** One to four changes of an input: of its octets, or of its elements where it has some. */
export function mutate(seed: Buffer, corpus: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let left = 1 + random.below(4); left > 0; left--) {
    const tree = random.below(3) > 0 && bytes.length > 1 ? parseTree(bytes) : undefined;
    bytes =
      tree === undefined
        ? changeOctets(bytes, random.of(corpus), random)
        : changeElements(tree, random.of(corpus), random);
  }
  return bytes.subarray(0, maxOctets);
}

const interesting = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff, 0x30, 0x31, 0x04, 0x02, 0x0c, 0xa0, 0xa3];

function changeOctets(bytes: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + random.below(40));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random.below(8)) {
    case 0:
      return Buffer.concat([before, after]);
    case 1:
      return Buffer.concat([before, piece, piece, after]);
    case 2:
      return Buffer.concat([before, random.bytes(random.below(20)), piece, after]);
    case 3:
      return before;
    case 4: {
      const from = random.below(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + random.below(200)), after]);
    }
    default: {
      if (at === bytes.length) return bytes;
      const copy = Buffer.from(bytes);
      copy[at] = random.below(2) === 0 ? random.of(interesting) : copy[at]! ^ (1 << random.below(8));
      return copy;
    }
  }
}

/** Lengths are made to fit afterwards, so that it is read beyond the change. */
function changeElements(tree: TagTree[], other: Buffer, random: Random): Buffer {
  const list = random.of(listsOf(tree));
  if (list.length === 0) return encodeTree(tree);
  const at = random.below(list.length);
  const element = list[at]!;
  switch (random.below(8)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(at, 0, element);
      break;
    case 2: {
      const to = random.below(list.length);
      [list[at], list[to]] = [list[to]!, element];
      break;
    }
    case 3: {
      const lists = listsOf(parseTree(other) ?? []);
      const donor = random.of(lists);
      if (donor.length > 0) list[at] = random.of(donor);
      break;
    }
    case 4:
      element.tag = [random.below(2) === 0 ? random.of(interesting) : element.tag[0]! ^ (1 << random.below(8))];
      break;
    case 5:
      list[at] = { tag: element.tag, content: random.bytes(random.below(30)) };
      break;
    case 6:
      list[at] = { tag: element.tag, content: Array.from({ length: 1 + random.below(60) }, () => element) };
      break;
    default:
      if (Buffer.isBuffer(element.content)) element.content = changeOctets(element.content, other, random);
      else list[at] = { tag: element.tag, content: [] };
  }
  const encoded = encodeTree(tree);
  return encoded.length > maxOctets * 4 ? encoded.subarray(0, maxOctets) : encoded;
}
