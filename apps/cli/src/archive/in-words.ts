import { onOneLine } from '../on-one-line.ts'
import type { ViewedArchive, ViewedItem } from './viewed.ts'

/** An archive as a person reads it at a prompt: what is known of its request, then its items, JSON with a member a line. */
export function archiveInWords(archive: ViewedArchive): string {
  const facts: readonly (readonly [name: string, value: string | null])[] = [
    ['project', archive.projectId],
    ['day', archive.day],
    ['hash', archive.hash],
    ['event', archive.eventId],
    ['received', archive.receivedAt],
    ['endpoint', archive.endpoint],
    ['content type', archive.contentType],
    ['encoding', archive.encoding],
    ['client', archive.clientIp],
    ['user agent', archive.userAgent],
    ['sdk', archive.sentryClient],
    ['sentry_release', archive.queryRelease],
    ['sentry_environment', archive.queryEnvironment],
    ['size', `${archive.wireBytes} bytes sent, ${archive.storedBytes} stored, ${archive.decodedBytes} decoded`],
    ['fault', archive.fault],
    ['envelope', archive.header],
  ]
  return [
    ...facts.flatMap(([name, value]) => (value === null ? [] : `${name}\t${onOneLine(value)}`)),
    ...archive.items.flatMap((item, index) => ['', ...itemInWords(item, index)]),
  ].join('\n')
}

function itemInWords({ type, headers, bytes, text, isCut }: ViewedItem, index: number): string[] {
  const head = `item ${index}\t${onOneLine(type || '?')}\t${bytes} bytes\t${onOneLine(JSON.stringify(headers))}`
  if (text === null) return [head, '  (not text)']
  const lines = (isCut ? text : indented(text)).split('\n')
  return [head, ...lines.map((line) => `  ${safe(line)}`), ...(isCut ? ['  … (--raw prints all of it)'] : [])]
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

/** Its blanks stay; what a terminal would obey does not. */
function safe(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
}
