import { readCppName } from './cpp-name.ts'
import { readMangledName } from './mangled-name.ts'
import { isSwiftName, readSwiftName } from './swift-name.ts'

/**
 * A native function as it is in every build and by every compiler: no return type, no arguments, no template arguments, no
 * clones, hashes, lambda counters; unnamed namespaces and lambdas spelled one way (protocol page §10.4).
 */
export function readNativeName(raw: string): string {
  const name = raw.trim()
  // Objective-C's methods have nothing that varies.
  if (name.startsWith('-[') || name.startsWith('+[')) return name
  const written = BLOCK.exec(name) ?? IL2CPP.exec(name)
  if (written) return written[1] ?? name
  const mangled = name.startsWith('_Z') || name.startsWith('__Z') ? readMangledName(name) : null
  if (mangled !== null) return mangled
  return !name.includes('::') && isSwiftName(name) ? readSwiftName(name) : readCppName(name)
}

/** `__41-[Cart pay]_block_invoke_2`: a block, with the length of the name of the function it is written in. */
const BLOCK = /^__+\d+(.+?)_block_invoke(?:_\d+)?$/
/** `Cart_Pay_m0A1B2C3D4E5F60718293`: what Unity made of C#, with a hash. */
const IL2CPP = /^(\w+?)_m[0-9A-F]{20,}(?:_\w+)?$/
