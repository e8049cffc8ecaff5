import fc from 'fast-check'

/** A place in something whose length nobody knows yet: a share of it. */
const place = fc.double({ min: 0, max: 1, noNaN: true })

type Mutation = (bytes: Buffer) => Buffer

const at = (bytes: Buffer, share: number) => Math.floor(share * bytes.length)

const cut = place.map(
  (share): Mutation =>
    (bytes) =>
      bytes.subarray(0, at(bytes, share)),
)

const flip = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
  ([share, mask]): Mutation =>
    (bytes) => {
      const flipped = Buffer.from(bytes)
      const index = at(bytes, share)
      if (index < flipped.length) flipped[index] = (flipped[index] ?? 0) ^ mask
      return flipped
    },
)

const insert = fc.tuple(place, fc.uint8Array({ maxLength: 16 })).map(
  ([share, more]): Mutation =>
    (bytes) => {
      const index = at(bytes, share)
      return Buffer.concat([bytes.subarray(0, index), more, bytes.subarray(index)])
    },
)

const remove = fc.tuple(place, place).map(
  ([one, other]): Mutation =>
    (bytes) => {
      return Buffer.concat([
        bytes.subarray(0, at(bytes, Math.min(one, other))),
        bytes.subarray(at(bytes, Math.max(one, other))),
      ])
    },
)

const REPEATED_BYTES_MAX = 300_000

const repeat = fc.tuple(place, place, fc.integer({ min: 2, max: 2_000 })).map(
  ([one, other, times]): Mutation =>
    (bytes) => {
      const [from, to] = [at(bytes, Math.min(one, other)), at(bytes, Math.max(one, other))]
      const part = bytes.subarray(from, to)
      if (part.length * times > REPEATED_BYTES_MAX) return bytes
      return Buffer.concat([bytes.subarray(0, to), ...Array<Buffer>(times).fill(part), bytes.subarray(to)])
    },
)

/** Bytes that decide something in one of the formats we read. */
const token = fc.tuple(
  place,
  fc.constantFrom(
    '\n',
    '\r\n',
    '{',
    '}',
    '"',
    '\\u0000',
    '\0',
    '\ud83d',
    '-1',
    '1e999',
    'null',
    '--',
    '=',
    '&',
    '%',
    ';',
  ),
)
const insertToken = token.map(
  ([share, text]): Mutation =>
    (bytes) => {
      const index = at(bytes, share)
      return Buffer.concat([bytes.subarray(0, index), Buffer.from(text), bytes.subarray(index)])
    },
)

const mutation = fc.oneof(cut, flip, insert, remove, repeat, insertToken)

/** Of so many that are made one is spoilt, in one to four places; the others are sent as they are. */
export function mutated(bytes: fc.Arbitrary<Uint8Array>, oneOf = 3): fc.Arbitrary<Buffer> {
  const mutations = fc.oneof(
    { weight: oneOf - 1, arbitrary: fc.constant<Mutation[]>([]) },
    { weight: 1, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 4 }) },
  )
  return fc
    .tuple(bytes, mutations)
    .map(([made, spoil]) => spoil.reduce<Buffer>((spoilt, mutate) => mutate(spoilt), Buffer.from(made)))
}

/** The same for text of a head, where each character is a byte and none ends the line. */
export function mutatedText(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return mutated(
    text.map((made) => Buffer.from(made, 'latin1')),
    2,
  ).map((bytes) =>
    bytes
      .toString('latin1')
      .replace(/[\r\n]/g, ' ')
      .slice(0, 4_000),
  )
}
