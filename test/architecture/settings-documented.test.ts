import { readSettings } from '@rumen/config/read-settings'
import { SETTINGS } from '@rumen/config/settings'
import { describe, expect, test } from 'vitest'
import { read } from './repository.ts'

/** `# NAME=default`, or without the `#`. */
function parseExample(text: string): { name: string; value: string; line: number }[] {
  return text.split('\n').flatMap((written, index) => {
    const [, name, value] = /^#? ?([A-Z][A-Z0-9_]*)=(.*)$/.exec(written) ?? []
    return name === undefined || value === undefined ? [] : [{ name, value, line: index + 1 }]
  })
}

describe('.env.example', () => {
  const example = parseExample(read('.env.example'))

  test('lists exactly the variables that are read, each once', () => {
    expect(
      example.map(({ name }) => name).toSorted(),
      'add or take out the variable in .env.example, with its unit, or in packages/config/src/settings.ts',
    ).toEqual(Object.keys(SETTINGS).toSorted())
  })

  test('shows the default of each, or nothing where there is none', () => {
    const defaults = readSettings({})
    for (const { name, value, line } of example) {
      expect(readSettings({ [name]: value }), `.env.example:${line} against settings.ts`).toEqual(defaults)
    }
  })
})
