import { bigint, customType } from 'drizzle-orm/pg-core'

/** Raw bytes; a Buffer on the way in and out. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** A row's own number. Identities count from 1, so a JavaScript number holds them for 285 years at a million rows a second. */
export const identity = () => bigint({ mode: 'number' }).generatedAlwaysAsIdentity()

/** The number of a row elsewhere, without a foreign key: on the hot path those cost four times the row itself. */
export const reference = () => bigint({ mode: 'number' })
