import type { Event, Exception } from '@rumen/protocol/event'
import { collapseGroups } from './exception-groups.ts'
import { firstLine, parameteriser, RUSTRAK_PATTERNS } from './parameters.ts'

const parameterise = parameteriser(RUSTRAK_PATTERNS)
const TYPE_CHARS_MAX = 128
const VALUE_CHARS_MAX = 1024
const TRANSACTION_CHARS_MAX = 200

/**
 * Rustrak's newest rule: type and first line of every exception of the chain, varying parts replaced, and the
 * transaction; no stack. Source: AbianS/rustrak, `grouping.rs` and `message_normalization.rs` of its server
 * at 9295c1d (after 0.14.10, whose rule is our `transaction` but for synthetic exceptions).
 */
export function groupLikeRustrak(event: Event): string {
  const byDefault = [...titlesOf(event), transactionOf(event)].join(' ⋄ ')
  if (event.fingerprint.length === 0) return byDefault
  return event.fingerprint.map((part) => (part === '{{ default }}' ? byDefault : part)).join(' ⋄ ')
}

function titlesOf({ exceptions, message }: Event): readonly string[] {
  const kindOf = ({ type, value }: Exception) => `${type ?? ''}\0${value ?? ''}`
  const chain = collapseGroups(exceptions, kindOf, kindOf).filter(({ mechanism }) => !mechanism?.synthetic)
  if (chain.length > 0) return chain.map(({ type, value }) => entitle(type || 'Error', value ?? ''))
  const text = message?.template ?? message?.formatted
  return text === undefined ? ['Unknown'] : [entitle('Log Message', firstLine(text))]
}

function entitle(type: string, value: string): string {
  const text = parameterise(value).slice(0, VALUE_CHARS_MAX)
  const line = text
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one !== '')
  const name = type.slice(0, TYPE_CHARS_MAX)
  return line === undefined ? name : `${name}: ${line}`
}

function transactionOf({ transaction }: Event): string {
  return transaction?.slice(0, TRANSACTION_CHARS_MAX) ?? '<no transaction>'
}
