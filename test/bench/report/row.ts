/** One line of the table, and of the JSON. */
export interface Row {
  what: string
  /** Null where this machine cannot tell. */
  value: number | null
  unit: Unit
  /** Design §12; missing where a row only explains another. */
  goal?: Goal
  /** What else belongs to the figure, in words. */
  note?: string
}

export type Unit = '/s' | 'ms' | 'MiB' | '×' | 'µs' | 'of 1' | 'in all'

/** `least`: the value has to reach it; `most`: it must not exceed it. */
export interface Goal {
  sense: 'least' | 'most'
  budget: number
  stretch?: number
  /** The budget knows another way to hold it, and that one was found. */
  heldOtherwise?: boolean
}

export type Verdict = 'stretch' | 'held' | 'MISSED' | ''

export function verdictOf({ value, goal }: Pick<Row, 'value' | 'goal'>): Verdict {
  if (!goal || value === null) return ''
  const reaches = (mark: number) => (goal.sense === 'least' ? value >= mark : value <= mark)
  if (!reaches(goal.budget)) return goal.heldOtherwise ? 'held' : 'MISSED'
  return goal.stretch !== undefined && reaches(goal.stretch) ? 'stretch' : 'held'
}

/** `12,100/s`, `0.163 ×`, `2.41 ms`, `0.950`, `1,204`; a dash for what is unknown. */
export function formatValue(value: number | null, unit: Unit): string {
  if (value === null) return '–'
  switch (unit) {
    case '/s':
      return `${Math.round(value).toLocaleString('en-US')}/s`
    case 'of 1':
      return value.toFixed(3)
    case 'in all':
      return value.toLocaleString('en-US')
    case '×':
      return `${value.toFixed(3)} ×`
    case 'ms':
      return `${value.toFixed(2)} ms`
    case 'MiB':
    case 'µs':
      return `${Math.round(value)} ${unit}`
  }
}
