/** CRC-32, bits reversed, as gzip has it. (RFC 1952, section 8) */
const POLYNOMIAL = 0xed_b8_83_20
const BITS = 32

/**
 * Gives the CRC-32 of two pieces in a row from those of the pieces, for second pieces of `secondBytes`: what a checksum
 * becomes when so many zeros follow is linear, 32 columns say all of it. (Mark Adler's crc32_combine in zlib)
 */
export function joinedChecksum(secondBytes: number): (first: number, second: number) => number {
  const zeros = shiftBy(secondBytes * 8)
  return (first, second) => (times(zeros, first) ^ second) >>> 0
}

/** What a run of zero bits does to a checksum: column n is the image of bit n. */
function shiftBy(zeroBits: number): Uint32Array {
  let result = Uint32Array.from({ length: BITS }, (_, n) => 1 << n)
  let power = Uint32Array.from({ length: BITS }, (_, n) => (n === 0 ? POLYNOMIAL : 1 << (n - 1)))
  for (let left = zeroBits; left > 0; left >>>= 1) {
    if (left & 1) result = result.map((column) => times(power, column))
    const once = power
    power = power.map((column) => times(once, column))
  }
  return result
}

function times(matrix: Uint32Array, vector: number): number {
  let sum = 0
  for (let n = 0, left = vector; left !== 0; n++, left >>>= 1) if (left & 1) sum ^= matrix[n] ?? 0
  return sum >>> 0
}
