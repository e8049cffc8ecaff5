/** NOTIFY channel: a DSN key was made or revoked, so what gateways remember about keys may be wrong. */
export const KEY_CHANNEL = 'rumen_key'
