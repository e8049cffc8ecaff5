/** A whole number from `min` to `max`; `null` for anything else, numeric text included, as Relay has it. */
export function readInteger(value: unknown, min: number, max: number): number | null {
  return Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : null
}

/** A finite number from `min` to `max`, rounded where the field holds whole ones but SDKs send fractions. */
export function readNumber(value: unknown, min: number, max: number): number | null {
  return typeof value === 'number' && value >= min && value <= max ? value : null
}
