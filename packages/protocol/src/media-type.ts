import { ProtocolError } from './protocol-error.ts'

/** The type in a `Content-Type` header, in lower case and without its parameters; '' where there is none. */
export function mediaType(contentType: string | null | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Throws `unsupported_media_type` for a `Content-Type` that is none of `types`. */
export function requireMediaType(contentType: string | null | undefined, types: ReadonlySet<string>): void {
  if (types.has(mediaType(contentType))) return
  throw new ProtocolError('unsupported_media_type', [`expected ${[...types].join(', ')}`])
}
