/** One component of a key and what it was taken from. */
export interface V1Part {
  kind: 'fingerprint' | 'type' | 'frame' | 'message' | 'template' | 'transaction' | 'unknown'
  text: string
}
