import { DEBUG_IMAGES_MAX } from './limits.ts'
import { isRecord, type JsonObject, recordOf } from './record.ts'

/** Where in which file of code an address lies. */
export interface ImagePlace {
  /** Bytes from the start of the image, in hexadecimal: the same wherever a build was loaded. */
  offset: string
  /** The image's file; `null` where only the frame knows it. */
  file: string | null
}

/** Finds the image of a frame that has an address; `null` for all others. */
export type ImageFinder = (frame: JsonObject) => ImagePlace | null

interface Image {
  start: bigint
  end: bigint
  file: string | null
}

/**
 * Native frames have addresses, which differ in each process. Less the start of its image, which the frame itself names or
 * the event's `debug_meta` lists, an address is a property of the build (Sentry event payloads, debug meta interface).
 */
export function imageFinder(debugMeta: unknown): ImageFinder {
  let images: readonly Image[] | undefined
  return (frame) => {
    const address = readAddress(frame.instruction_addr)
    if (address === null) return null
    const start = readAddress(frame.image_addr)
    if (start !== null) return address < start ? null : { offset: hex(address - start), file: null }
    images ??= readImages(debugMeta)
    const image = findImage(images, address)
    return image === null ? null : { offset: hex(address - image.start), file: image.file }
  }
}

/** By their start, as `findImage` wants them. */
function readImages(debugMeta: unknown): readonly Image[] {
  const { images } = recordOf(debugMeta)
  if (!Array.isArray(images)) return []
  return images
    .slice(0, DEBUG_IMAGES_MAX)
    .filter(isRecord)
    .flatMap((image) => readImage(image) ?? [])
    .sort((one, other) => (one.start < other.start ? -1 : one.start > other.start ? 1 : 0))
}

function readImage({ image_addr, image_size, code_file, name }: JsonObject): Image | null {
  const start = readAddress(image_addr)
  const size = readAddress(image_size)
  if (start === null || size === null) return null
  const file = code_file ?? name
  return { start, end: start + size, file: typeof file === 'string' && file !== '' ? file : null }
}

/** The last image that starts at or before the address, if it reaches so far. */
function findImage(images: readonly Image[], address: bigint): Image | null {
  let [low, high] = [0, images.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const image = images[middle]
    if (image !== undefined && image.start <= address) low = middle + 1
    else high = middle
  }
  const image = images[low - 1]
  return image !== undefined && address < image.end ? image : null
}

const ADDRESS = /^(?:0[xX][\da-fA-F]{1,16}|\d{1,20})$/

/** Text in hexadecimal or digits, or a number. */
function readAddress(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : null
  return typeof value === 'string' && ADDRESS.test(value) ? BigInt(value) : null
}

function hex(offset: bigint): string {
  return `0x${offset.toString(16)}`
}
