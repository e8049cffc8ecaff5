import { functionWord } from './function-word.ts'

const REPORTER =
  /^_*(?:report|respond|capture|log|track|notify)(?:_?(?:with_?)?(?:error|exception|failure|err|crash|to_?sentry)s?)?$/i

/** Whether a function passes on an error which broke somewhere else: its stack tells who reported it. */
export function isReporter(name: string): boolean {
  return REPORTER.test(functionWord(name))
}
