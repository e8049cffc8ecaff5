import type { User } from '../event.ts'
import { BAG_LIMITS, TEXT_LIMITS } from '../limits.ts'
import { isRecord, type JsonObject, recordOf } from '../record.ts'
import { lenientText, readName } from '../text.ts'
import { type BagObject, readBagObject } from './bag.ts'
import { below, type Trail } from './trail.ts'

/** Who met the error, with all the SDK told of them. */
export interface UserDetails extends User {
  name: string | null
  segment: string | null
  geo: { city: string | null; countryCode: string | null; region: string | null; subdivision: string | null }
  /** The SDK's `data`, and its fields of other names. */
  data: BagObject | null
}

const FIELDS: ReadonlySet<string> = new Set(['id', 'email', 'username', 'ip_address', 'name', 'segment', 'geo', 'data'])

export function readUser(value: unknown, user: User, root: Trail): UserDetails {
  const sent = recordOf(value)
  const geo = recordOf(sent.geo)
  const word = (text: unknown) => readName(lenientText(text), TEXT_LIMITS.userField)
  return {
    ...user,
    name: word(sent.name),
    segment: word(sent.segment),
    geo: {
      city: word(geo.city),
      countryCode: word(geo.country_code),
      region: word(geo.region),
      subdivision: word(geo.subdivision),
    },
    data: readBagObject(dataOf(sent), BAG_LIMITS.userData, below(root, 'user', 'data')),
  }
}

function dataOf(user: JsonObject): JsonObject {
  const others = Object.entries(user).filter(([key]) => !FIELDS.has(key))
  const own = isRecord(user.data) ? Object.entries(user.data) : []
  return Object.fromEntries([...others, ...own])
}
