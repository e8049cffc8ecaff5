import { decisiveException } from './decisive-exception.ts'
import type { Event, NameVersion, Tag, User } from './event.ts'
import { TAGS_MAX, TEXT_LIMITS } from './limits.ts'
import type { JsonObject } from './record.ts'
import { lenientText, readName } from './text.ts'

type Untagged = Omit<Event, 'tags'>
/** The contexts as sent, by type: some of what is a tag has no other place in an event. */
type SentContexts = ReadonlyMap<string, JsonObject>

/** Where each derived tag finds its value, in the order they are shown in. Level, release and environment are fields. */
const RULES: readonly (readonly [key: string, read: (event: Untagged, sent: SentContexts) => unknown])[] = [
  ['browser', ({ contexts }) => nameAndVersion(contexts.browser)],
  ['browser.name', ({ contexts }) => contexts.browser.name],
  ['os', ({ contexts }) => nameAndVersion(contexts.os)],
  ['os.name', ({ contexts }) => contexts.os.name],
  ['os.rooted', (_event, sent) => yesOrNo(sent.get('os')?.rooted)],
  ['device', ({ contexts }) => contexts.device.model],
  ['device.family', ({ contexts }) => contexts.device.family],
  ['runtime', ({ contexts }) => nameAndVersion(contexts.runtime)],
  ['runtime.name', ({ contexts }) => contexts.runtime.name],
  ['gpu.name', (_event, sent) => sent.get('gpu')?.name],
  ['gpu.vendor', (_event, sent) => sent.get('gpu')?.vendor_name],
  ['app.device', (_event, sent) => sent.get('app')?.device_app_hash],
  ['monitor.id', (_event, sent) => sent.get('monitor')?.id],
  ['monitor.slug', (_event, sent) => sent.get('monitor')?.slug],
  ['handled', (event) => yesOrNo(decisiveException(event)?.mechanism?.handled)],
  ['mechanism', (event) => decisiveException(event)?.mechanism?.type],
  ['url', ({ request }) => request.url],
  ['user', ({ user }) => identityOf(user)],
]

/**
 * An event's tags: first the SDK's own, then what is known of the event besides, as Sentry derives it; a tag the SDK has
 * set itself stays as it is. Never more than `TAGS_MAX`, of which the SDK's come first.
 */
export function deriveTags(own: readonly Tag[], event: Untagged, sent: SentContexts, site: unknown): readonly Tag[] {
  const taken = new Set<string>()
  for (const { key } of own) taken.add(key)
  const tags = [...own]
  const add = (key: string, value: unknown) => {
    if (value === null || value === undefined || taken.has(key) || tags.length >= TAGS_MAX) return
    const text = readName(lenientText(value), TEXT_LIMITS.tagValue)
    if (text !== null) tags.push({ key, value: text })
  }
  for (const [key, read] of RULES) add(key, read(event, sent))
  add('site', site)
  return tags
}

function nameAndVersion({ name, version }: NameVersion): string | null {
  return name === null || version === null ? name : `${name} ${version}`
}

function yesOrNo(value: unknown): string | null {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : null
}

/** By the first way of telling users apart that the event has: what a user is counted by. Null: nobody is named. */
export function identityOf({ id, email, username, ip }: User): string | null {
  if (id !== null) return `id:${id}`
  if (email !== null) return `email:${email}`
  if (username !== null) return `username:${username}`
  return ip === null ? null : `ip:${ip}`
}
