import type { Frame } from '@rumen/protocol/event'
import { readFileName } from '../file-name/file-name.ts'
import { classInName, isGeneric, methodInClass, readDotnetClass } from '../function-name/dotnet-name.ts'
import { readFunctionName } from '../function-name/function-name.ts'
import { type Place, placeOf } from './place.ts'

/** A frame of .NET: the method and its class, without the namespace, which not every SDK sends. */
export function readDotnetFrame({ module, filename, absPath, function: name }: Frame): Place | null {
  const written = module === null ? null : methodInClass(module)
  const method = written ?? readFunctionName(name, 'dotnet')
  const owner = module === null ? classInName(name ?? '') : readDotnetClass(module)
  const path = filename ?? absPath
  const file = path === null ? null : readFileName(path, 'dotnet').text
  const place = placeOf(method, owner.slice(owner.lastIndexOf('.') + 1) || file)
  return place && { ...place, isShared: isGeneric(module ?? '') }
}
