/** Platforms whose stacks are spelled alike. */
export type Family =
  | 'javascript'
  | 'python'
  | 'ruby'
  | 'go'
  | 'jvm'
  | 'php'
  | 'dotnet'
  | 'native'
  | 'dart'
  | 'elixir'
  | 'other'

const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ...all('javascript', ['javascript', 'node', 'bun', 'deno']),
  ...all('python', ['python']),
  ...all('ruby', ['ruby']),
  ...all('go', ['go']),
  ...all('jvm', ['java', 'kotlin', 'groovy', 'scala', 'clojure', 'android']),
  ...all('php', ['php']),
  ...all('dotnet', ['csharp', 'dotnet', 'fsharp', 'vb']),
  ...all('native', ['native', 'c', 'cpp', 'rust', 'cocoa', 'objc', 'swift']),
  ...all('dart', ['dart', 'flutter']),
  ...all('elixir', ['elixir', 'erlang']),
])

function all(family: Family, platforms: readonly string[]): [string, Family][] {
  return platforms.map((platform) => [platform, family])
}

export function familyOf(platform: string): Family {
  return families.get(platform) ?? 'other'
}
