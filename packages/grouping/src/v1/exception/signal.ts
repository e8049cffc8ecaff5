import { either } from '../pattern.ts'

const SIGNAL = new RegExp(
  `^${either([
    /SIG[A-Z]{2,6}/,
    // Darwin's and Windows's.
    /EXC_[A-Z_]+|EXCEPTION_[A-Z_]+|Access violation.*/,
    // Unreal's.
    /Assertion failed|Fatal error|Unhandled Exception/,
  ])}$`,
)

/** Whether a type is what a system says when native code breaks: each has its own words for the same mistake. */
export function isSignal(type: string): boolean {
  return SIGNAL.test(type)
}
