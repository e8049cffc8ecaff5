import { LEVELS, type Level } from './event.ts'

/** Spellings besides our own: Relay's two, and `warn`, which loggers write more often than `warning`. */
const SYNONYMS: ReadonlyMap<unknown, Level> = new Map<unknown, Level>([
  ...LEVELS.map((level) => [level, level] as const),
  ['log', 'info'],
  ['warn', 'warning'],
  ['critical', 'fatal'],
  [10, 'debug'],
  [20, 'info'],
  [30, 'warning'],
  [40, 'error'],
  [50, 'fatal'],
  ...['10', '20', '30', '40', '50'].map((text, index) => [text, LEVELS[index] ?? 'error'] as const),
])

/** A level by name in any case, or by Python's number, also as text; `otherwise` for whatever is neither. */
export function normaliseLevel(value: unknown, otherwise: Level = 'error'): Level {
  return SYNONYMS.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? otherwise
}
