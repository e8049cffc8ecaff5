import { isIP } from 'node:net'
import type { User } from './event.ts'
import { TEXT_LIMITS } from './limits.ts'
import { type JsonObject, recordOf } from './record.ts'
import { lenientText, readName } from './text.ts'

const AUTO = '{{auto}}'

/**
 * Who met the error. A name stands in for a missing user name. The sender's address stands in for a missing one only where the SDK asks for that (`{{auto}}`, or
 * `sdk.settings.infer_ip`); Relay does so unasked for browsers, which keeps an address nobody meant to send.
 */
export function normaliseUser(payload: JsonObject, request: JsonObject, clientIp: string | null): User {
  const user = recordOf(payload.user ?? payload['sentry.interfaces.User'])
  const { infer_ip: inferIp } = recordOf(recordOf(payload.sdk).settings)
  const inferred = inferIp === 'never' ? null : clientIp
  return {
    id: readName(lenientText(user.id), TEXT_LIMITS.userField),
    email: readName(lenientText(user.email), TEXT_LIMITS.userEmail),
    username:
      readName(lenientText(user.username), TEXT_LIMITS.userField) ??
      readName(lenientText(user.name), TEXT_LIMITS.userField),
    ip:
      readIp(user.ip_address, inferred) ??
      readIp(recordOf(request.env).REMOTE_ADDR, inferred) ??
      (inferIp === 'auto' ? readIp(clientIp, null) : null),
  }
}

function readIp(value: unknown, auto: string | null): string | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  const ip = text === AUTO ? auto : text
  return ip !== null && ip.length <= 64 && isIP(ip) !== 0 ? ip : null
}
