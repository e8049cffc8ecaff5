import { expect, test } from 'vitest'
import { findCommand, USAGE } from './commands.ts'

test.for([
  ['serve', 'serve', []],
  ['serve gateway', 'serve', ['gateway']],
  ['migrate', 'migrate', []],
  ['project create --name Shop', 'project create', ['--name', 'Shop']],
  ['project list --json', 'project list', ['--json']],
] as const)('`rumen %s` calls %s', ([line, command, rest]) => {
  const found = findCommand(line.split(' '))
  expect(found?.command.words.join(' ')).toBe(command)
  expect(found?.rest).toEqual(rest)
})

test.for([[''], ['project'], ['project delete'], ['list project'], ['Serve'], ['--help']])(
  '`rumen %s` calls nothing',
  ([line]) => {
    expect(findCommand((line ?? '').split(' '))).toBeNull()
  },
)

test('the usage shows every command with what it takes', () => {
  for (const line of [
    'serve [gateway|worker]',
    'migrate',
    'project create --name NAME [--key KEY] [--json]',
    'project list [--json]',
  ]) {
    expect(USAGE).toContain(`  ${line}`)
  }
})
