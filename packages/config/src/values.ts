import { isIP } from 'node:net'
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

/** Bytes of many things together, from 1 MiB to 1 TiB. */
export const totalByteCount = count({ min: 1024 ** 2, max: 1024 ** 4 })

/** The same, but 0 switches it off. */
export const optionalByteCount = count({ min: 0, max: 1024 ** 4 })

/** Whole seconds, at least one. */
export const seconds = count({ min: 1, max: 3600 })

/** Whole days, up to ten years. */
export const days = count({ min: 1, max: 3650 })

/** Bytes of a disk, from 1 MiB to 1 PiB. */
export const diskByteCount = count({ min: 1024 ** 2, max: 1024 ** 5 })

/** A rate or a bound that 0 switches off. */
export const optionalCount = count({ min: 0, max: 1_000_000_000 })

/** A part of a whole, from 0 to 1. */
export const share = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^\d*\.?\d+$/, 'must be a number from 0 to 1'),
  v.transform(Number),
  v.maxValue(1, 'must be at most 1'),
)

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

/** Addresses and networks: `10.0.0.0/8, 192.0.2.7, fd00::/8`. */
export const networks = v.pipe(
  v.string(),
  v.transform((written) => written.split(/[\s,]+/).filter((one) => one !== '')),
  v.everyItem(isNetwork, 'must be addresses or networks such as 10.0.0.0/8, separated by commas'),
)

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
