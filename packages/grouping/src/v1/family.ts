/** Platforms whose stacks are spelled alike. */
export type Family = 'javascript' | 'python' | 'ruby' | 'go' | 'jvm' | 'php' | 'other'

const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['javascript', 'javascript'],
  ['node', 'javascript'],
  ['bun', 'javascript'],
  ['deno', 'javascript'],
  ['python', 'python'],
  ['ruby', 'ruby'],
  ['go', 'go'],
  ['java', 'jvm'],
  ['kotlin', 'jvm'],
  ['groovy', 'jvm'],
  ['scala', 'jvm'],
  ['android', 'jvm'],
  ['php', 'php'],
])

export function familyOf(platform: string): Family {
  return families.get(platform) ?? 'other'
}
