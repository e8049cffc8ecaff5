/** `T` that only one place may make: the unique symbol keeps a plain string from passing for an id. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
declare const brand: unique symbol

/** Decimal text of an unsigned 64-bit integer: too large for a JavaScript number, so it stays text. */
export type ProjectId = Brand<string, 'ProjectId'>
/** 32 lower-case hexadecimal characters, no dashes. */
export type EventId = Brand<string, 'EventId'>
/** A DSN's public key: 32 lower-case hexadecimal characters. */
export type PublicKey = Brand<string, 'PublicKey'>
