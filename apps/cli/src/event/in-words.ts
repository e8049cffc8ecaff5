import { onOneLine } from '../on-one-line.ts'
import type { ShownEvent } from './show.ts'

type Details = ShownEvent['details']
type Stack = NonNullable<Details['stacktrace']>

/** An event as a person reads it at a prompt: what happened, where, on the way to it, to whom. */
export function eventInWords({ issue, title, receivedAt, event, details }: ShownEvent): string {
  const { user, request } = details
  const facts: readonly (readonly [name: string, value: string | null])[] = [
    [issue, title],
    ['event', event.id],
    ['occurred', event.occurredAt.toISOString()],
    ['received', receivedAt.toISOString()],
    ['level', event.level],
    ['platform', event.platform],
    ['release', event.release],
    ['environment', event.environment],
    ['server', event.serverName],
    ['user', user.id ?? user.email ?? user.username ?? user.ip],
    ['request', request.url === null ? null : [request.method, request.url].filter(Boolean).join(' ')],
    ...event.tags.map(({ key, value }) => [`tag ${key}`, value] as const),
  ]
  return [
    ...facts.flatMap(([name, value]) => (value === null ? [] : `${onOneLine(name)}\t${onOneLine(value)}`)),
    ...details.exceptions
      .toReversed()
      .flatMap(({ type, value, stacktrace }) => [
        `${onOneLine(type ?? 'Error')}: ${onOneLine(value ?? '')}`,
        ...framesInWords(stacktrace),
      ]),
    ...framesInWords(details.stacktrace),
    ...details.breadcrumbs.map(({ at, category, message }) =>
      ['breadcrumb', at?.toISOString() ?? '', category ?? '', message ?? ''].map(onOneLine).join('\t'),
    ),
  ].join('\n')
}

/** The newest call first, as most languages print a stack. */
function framesInWords(stack: Stack | null): string[] {
  return (stack?.frames ?? []).toReversed().map(({ function: name, filename, module, line, column, inApp }) => {
    const place = [filename ?? module ?? '?', line, column].filter((part) => part !== null).join(':')
    return `  ${inApp === true ? '*' : ' '} ${onOneLine(name ?? '?')} (${onOneLine(place)})`
  })
}
