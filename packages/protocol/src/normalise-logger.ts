import { TEXT_LIMITS } from './limits.ts'
import { cleanText } from './text.ts'

const { charsMax } = TEXT_LIMITS.logger

/**
 * A logger's name. Too long a one loses its beginning, because it is the end of a Java name that tells loggers apart:
 * cut at a dot where there is one, `*` in front. A name of several lines is no name.
 */
export function normaliseLogger(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const name = value.trim()
  if (name === '' || /[\r\n]/.test(name)) return null
  const whole = cleanText(name.slice(-2 * charsMax), { charsMax: 2 * charsMax, allowance: 0 })
  const chars = Array.from(whole)
  if (chars.length <= charsMax) return whole
  const tail = chars.slice(1 - charsMax).join('')
  const dot = tail.indexOf('.')
  return `*${dot === -1 ? tail : tail.slice(dot)}`
}
