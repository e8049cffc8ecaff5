const SLUG_CHARS_MAX = 50

/** A short name for addresses and issue numbers: `Web Shop (EU)` is `web-shop-eu`; what has no Latin letter is `project`. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_CHARS_MAX)
    .replace(/^-|-$/g, '')
  return slug === '' ? 'project' : slug
}
