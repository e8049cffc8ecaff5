import type { Frame } from '@rumen/protocol/event'
import type { Family } from '../family.ts'
import { isDotnetRuntime } from './dotnet-libraries.ts'
import { isElixirRuntime } from './elixir-libraries.ts'
import { isGoRuntime } from './go-libraries.ts'
import { isJvmRuntime } from './jvm-libraries.ts'
import { isPythonRuntime } from './python-libraries.ts'

/** Whether a frame is the language's own library, whose failures are told apart by where they were caused. */
export function isRuntime({ absPath, filename, module, function: name }: Frame, family: Family): boolean {
  const path = absPath ?? filename ?? ''
  switch (family) {
    case 'javascript':
      return path === '' || SCRIPT_RUNTIME.test(path) || /^<|^native/.test(filename ?? '')
    case 'python':
      return isPythonRuntime(module, path)
    case 'ruby':
      return RUBY_RUNTIME.test(path) && !path.includes('/gems/')
    case 'jvm':
      return isJvmRuntime(module ?? '')
    case 'dotnet':
      return isDotnetRuntime(module ?? name ?? '')
    case 'go':
      return isGoRuntime(module ?? '')
    case 'dart':
      return /(?:^|\/)dart:/.test(path)
    case 'elixir':
      return isElixirRuntime(module ?? '')
    case 'native':
      // A library of a system calls nobody's code but for what it was given.
      return true
    default:
      return path === '' || path === '[internal]'
  }
}

const SCRIPT_RUNTIME = /^(?:node:|internal\/|<anonymous>|\[native code\]|native|ext:)/
const RUBY_RUNTIME = /\/lib\/ruby\/(?!gems)|^<internal:/
