/**
 * NOTIFY channel: a DSN key or a project changed, so what gateways remember may be wrong. Triggers send it, so that every
 * change is heard of, whoever makes it.
 */
export const KEY_CHANNEL = 'rumen_key'
