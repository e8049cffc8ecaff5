import { expect, test } from 'vitest'
import { findCommand, USAGE } from './commands.ts'

test.for([
  ['serve', 'serve', []],
  ['serve gateway', 'serve', ['gateway']],
  ['migrate', 'migrate', []],
  ['project create --name Shop', 'project create', ['--name', 'Shop']],
  ['project list --json', 'project list', ['--json']],
  ['project limits 1 --rate 5', 'project limits', ['1', '--rate', '5']],
  ['key list --project 1', 'key list', ['--project', '1']],
  ['key create --project 1', 'key create', ['--project', '1']],
  ['key limit abc --rate 5', 'key limit', ['abc', '--rate', '5']],
  ['key revoke abc --yes', 'key revoke', ['abc', '--yes']],
  ['key rotate --yes', 'key rotate', ['--yes']],
] as const)('`rumen %s` calls %s', ([line, command, rest]) => {
  const found = findCommand(line.split(' '))
  expect(found?.command.words.join(' ')).toBe(command)
  expect(found?.rest).toEqual(rest)
})

test.for([[''], ['project'], ['key'], ['project undelete'], ['list project'], ['Serve'], ['--help']])(
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
    'project limits ID [--rate N|none] [--per-minute N|none] [--per-hour N|none] [--per-month N|none] [--json]',
    'key list --project ID [--json]',
    'key create --project ID [--key KEY] [--json]',
    'key limit KEY --project ID --rate N|none',
    'key revoke KEY --project ID --yes',
    'key rotate --project ID --yes [--json]',
  ]) {
    expect(USAGE).toContain(`  ${line}`)
  }
})
