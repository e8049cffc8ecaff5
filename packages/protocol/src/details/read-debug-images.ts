import { DEBUG_IMAGES_MAX, TEXT_LIMITS } from '../limits.ts'
import { readMasked } from '../mask.ts'
import { readInteger } from '../number.ts'
import { isRecord, type JsonObject, recordOf } from '../record.ts'
import { readName } from '../text.ts'
import { readAddress } from './read-stack.ts'
import { below, noteDropped, type Trail } from './trail.ts'

/** The kinds of images Relay knows; others are dropped. */
const TYPES = ['macho', 'elf', 'pe', 'pe_dotnet', 'symbolic', 'wasm', 'proguard', 'jvm', 'sourcemap'] as const

/** What frames of a stack lie in, by which their symbols are found. Addresses are text. */
export interface DebugImage {
  type: (typeof TYPES)[number]
  codeId: string | null
  codeFile: string | null
  /** A ProGuard mapping's `uuid` too. */
  debugId: string | null
  debugFile: string | null
  imageAddr: string | null
  imageSize: number | null
  imageVmaddr: string | null
  arch: string | null
}

export function readDebugImages(value: unknown, root: Trail): readonly DebugImage[] {
  const { images } = recordOf(value)
  const sent = Array.isArray(images) ? images.filter(isRecord) : []
  if (sent.length > DEBUG_IMAGES_MAX) noteDropped(below(root, 'debug_meta', 'images'), sent.length)
  return sent.slice(0, DEBUG_IMAGES_MAX).flatMap((image) => readImage(image) ?? [])
}

function readImage(image: JsonObject): DebugImage | null {
  const type = TYPES.find((known) => known === (image.type === 'apple' ? 'macho' : image.type))
  if (type === undefined) return null
  return {
    type,
    codeId: readName(image.code_id, TEXT_LIMITS.word),
    codeFile: readMasked(image.code_file ?? image.name, TEXT_LIMITS.path),
    debugId: readName(image.debug_id ?? image.uuid, TEXT_LIMITS.word),
    debugFile: readMasked(image.debug_file, TEXT_LIMITS.path),
    imageAddr: readAddress(image.image_addr),
    imageSize: readInteger(image.image_size, 0, Number.MAX_SAFE_INTEGER),
    imageVmaddr: readAddress(image.image_vmaddr),
    arch: readName(image.arch, TEXT_LIMITS.word),
  }
}
