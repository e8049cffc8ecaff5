import type { Family } from '../family.ts'
import { isDotnetLibrary } from './dotnet-libraries.ts'
import { isElixirLibrary } from './elixir-libraries.ts'
import { isGoLibrary } from './go-libraries.ts'
import { isJvmLibrary } from './jvm-libraries.ts'
import { isPythonLibrary } from './python-libraries.ts'
import { isRustLibrary } from './rust-libraries.ts'

/** Whether code of this module, package or class is somebody else's. */
export function isLibraryModule(module: string, family: Family): boolean {
  switch (family) {
    case 'javascript':
      return module.startsWith('@sentry') || module.startsWith('node:')
    case 'python':
      return isPythonLibrary(module)
    case 'go':
      return isGoLibrary(module)
    case 'jvm':
      return isJvmLibrary(module)
    case 'elixir':
      return isElixirLibrary(module)
    case 'dotnet':
    case 'other':
      return isDotnetLibrary(module) || isRustLibrary(module)
    default:
      return false
  }
}
