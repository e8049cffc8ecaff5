/** A whole number from 0 and less than `below`. */
export type Random = (below: number) => number

/** Numbers that are the same in every run, so that two runs send the same events. (mulberry32) */
export function seededRandom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export const WORDS =
  'account active address amount balance batch buffer cache cart channel checkout client column config context count currency customer cursor date default delivery detail device discount document email entry error event field filter format handler header history index input invoice item job key label language ledger level limit line list load locale lock manager market message method model module name node number offer option order owner page parameter parent parse partner password patch payload payment period phone plan point policy position price process product profile promise provider quantity query queue range rate reader record region request resolve response result retry role route row rule sample schedule schema scope section segment sequence server service session setting shipment signal source stage state status stock stream supplier table target task tax template tenant text ticket time token total trace transfer type update user validate value vendor version voucher wallet warehouse window worker writer zone'.split(
    ' ',
  )

export const word = (random: Random) => WORDS[random(WORDS.length)] ?? 'value'
export const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
export const hex = (random: Random, digits: number) =>
  Array.from({ length: Math.ceil(digits / 8) }, () =>
    random(2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  )
    .join('')
    .slice(0, digits)
