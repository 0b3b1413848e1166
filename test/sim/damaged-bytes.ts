// How a file comes back from a bad disk: bits flipped, cut short, a sector of zeros, somebody else's bytes
// behind it, or nothing at all.
import type { Random } from './random.ts';

const SECTOR = 512;

/** A damaged copy; never equal to what it was made from. */
export function damagedBytes(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const at = random.whole(0, bytes.length - 1);
  switch (random.oneOf('bit', 'bit', 'short', 'zeros', 'appended', 'misplaced', 'empty')) {
    case 'bit':
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.whole(0, 7)), at);
      return copy;
    case 'short':
      return copy.subarray(0, at);
    case 'zeros':
      return copy.fill(0, at, Math.min(at + SECTOR, copy.length));
    case 'appended':
      return Buffer.concat([copy, copy.subarray(at)]);
    case 'misplaced':
      // A sector was written to the wrong place; where that changes nothing, a bit has to do.
      copy.copyWithin(0, at, at + SECTOR);
      if (copy.equals(bytes)) copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    case 'empty':
      return Buffer.alloc(0);
  }
}
