import * as v from 'valibot'

/** Products of whole numbers, so that `50 * 1024` can be written as it is meant. */
const PRODUCT = /^\d{1,15}(\s*\*\s*\d{1,15})*$/

const wholeNumber = v.pipe(
  v.string(),
  v.trim(),
  v.regex(PRODUCT, 'must be a whole number or a product such as 50 * 1024'),
  v.transform((written) => written.split('*').reduce((product, factor) => product * Number(factor), 1)),
  v.safeInteger('is too large'),
)

/** A number of things, within bounds that are named when they are broken. */
export function count({ min, max }: { min: number; max: number }) {
  return v.pipe(wholeNumber, v.minValue(min, `must be at least ${min}`), v.maxValue(max, `must be at most ${max}`))
}

/** Bytes, from 1 KiB to 1 GiB. */
export const byteCount = count({ min: 1024, max: 1024 ** 3 })

/** Bytes of what is stored in one piece, from 1 KiB to 128 MiB: it is read back as hexadecimal text, twice as long. */
export const storedByteCount = count({ min: 1024, max: 128 * 1024 ** 2 })

/** A TCP port; 0 asks the system for a free one. */
export const port = count({ min: 0, max: 65_535 })

export const text = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty'))

const url = (protocols: readonly string[], message: string) =>
  v.pipe(
    text,
    v.check((written) => URL.canParse(written) && protocols.includes(new URL(written).protocol), message),
  )

export const postgresUrl = url(['postgres:', 'postgresql:'], 'must look like postgres://user:password@host:5432/name')

export const httpUrl = v.pipe(
  url(['http:', 'https:'], 'must look like https://errors.example.com'),
  v.transform((written) => written.replace(/\/+$/, '')),
)
