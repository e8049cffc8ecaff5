import { describe, expect, test } from 'vitest'
import { sampleEvent } from '../sample-event.ts'
import { seededRandom } from '../seeded-random.ts'
import { groupV1 } from '../v1/v1.ts'
import { applyRules } from './apply-rules.ts'
import { parseRules } from './parse-rules.ts'
import { RulesError } from './rules-error.ts'

/** Every fault's message, each of which begins with its line. */
function faultsOf(text: string): string[] {
  try {
    parseRules(text)
  } catch (error) {
    if (!(error instanceof RulesError)) throw error
    for (const { line, message } of error.faults) {
      expect(message.startsWith(`line ${line}: `)).toBe(true)
      expect(error.message).toContain(`\n  ${message}`)
    }
    return error.faults.map(({ message }) => message)
  }
  return []
}

/** What a fingerprint rule of one line makes of its parts, or a title rule of its template. */
function actionsOf(actions: string) {
  const { fingerprint, title } = applyRules(parseRules(`platform:* -> ${actions}`), sampleEvent({}))
  return { parts: fingerprint?.parts ?? null, template: title?.template ?? null }
}

const MATCHERS =
  'type, value, message, module, file, function, path, level, release, environment, logger, transaction, platform, tags.KEY'
const ACTIONS = 'fingerprint, title, in_app, ignore'
const VARIABLES =
  'default, type, value, message, transaction, level, logger, function, module, path, package, error.type, error.value, stack.function, stack.module, stack.abs_path, stack.filename, stack.package, tags.KEY'

test('blank lines and remarks are no rules, whatever ends the lines', () => {
  const text = '\uFEFF# one\r\n\r\n   # two\r\n\t\r\nplatform:* -> title=x # three'
  expect(applyRules(parseRules(text), sampleEvent({})).title).toEqual({ line: 5, template: 'x' })
  for (const none of ['', '\n', '# only', ' \n#\n']) {
    const event = sampleEvent({})
    expect(applyRules(parseRules(none), event)).toEqual({ event, fingerprint: null, title: null, frames: new Map() })
  }
})

describe('the parts of a fingerprint', () => {
  test.each([
    ['fingerprint=a', ['a']],
    ['fingerprint=a,b', ['a', 'b']],
    ['fingerprint=a, b ,c', ['a', 'b', 'c']],
    ['fingerprint="a, b","c"', ['a, b', 'c']],
    ['fingerprint=deadlock,{{ transaction }}', ['deadlock', '{{ transaction }}']],
    ['fingerprint={{default}},{{  tags.server.name  }}', ['{{default}}', '{{  tags.server.name  }}']],
    ['fingerprint="{{ Default }}",x', ['{{ Default }}', 'x']],
    ['fingerprint="say \\"hi\\" C:\\\\x\\n"', ['say "hi" C:\\x\\n']],
    ['fingerprint=#1', ['#1']],
    ['fingerprint=a,#b', ['a', '#b']],
    ['fingerprint=a=b,{c}', ['a=b', '{c}']],
  ])('%s', (actions, parts) => {
    expect(actionsOf(actions)).toEqual({ parts, template: null })
  })

  test.each(VARIABLES.replace('KEY', 'server').split(', '))('{{ %s }} is one the mechanism fills in', (name) => {
    const written = `{{ ${name} }}`
    expect(actionsOf(`fingerprint=${written}`).parts).toEqual([written])
    expect(groupV1(sampleEvent({ fingerprint: [written] }), 'stack').key).not.toBe(written)
  })
})

test.each([
  ['title="Acme: {{ value }}, {{type}}"', 'Acme: {{ value }}, {{type}}'],
  ['title={{ type }}:{{ value }}', '{{ type }}:{{ value }}'],
  ['title=a,b', 'a,b'],
  ['title="{ } }} #"', '{ } }} #'],
])('the template of %s', (actions, template) => {
  expect(actionsOf(actions)).toEqual({ parts: null, template })
})

test('one line may say several things', () => {
  expect(actionsOf('title=x fingerprint=a, b')).toEqual({
    parts: ['a', 'b'],
    template: 'x',
  })
  expect(faultsOf('type:a !value:"b c" function:f -> fingerprint=a title="b" in_app=on ignore')).toEqual([])
})

describe('every fault is told, with its line', () => {
  test.each([
    ['typ:x -> ignore', [`there is no matcher "typ": ${MATCHERS} (did you mean "type"?)`]],
    ['!MODULE:x -> ignore', [`there is no matcher "MODULE": ${MATCHERS} (did you mean "module"?)`]],
    ['weather:x -> ignore', [`there is no matcher "weather": ${MATCHERS}`]],
    ['error.type:x -> title=a', [`there is no matcher "error.type": ${MATCHERS} (did you mean "type"?)`]],
    ['stack.abs_path:x -> ignore', [`there is no matcher "stack.abs_path": ${MATCHERS} (did you mean "path"?)`]],
    ['tag.x:y -> title=a', [`there is no matcher "tag.x": ${MATCHERS} (did you mean "tags.KEY"?)`]],
    ['tags.:y -> title=a', [`there is no matcher "tags.": ${MATCHERS} (did you mean "tags.KEY"?)`]],
    ['constructor:y -> title=a', [`there is no matcher "constructor": ${MATCHERS}`]],
    ['boom -> title=a', ['"boom" is no matcher: write NAME:PATTERN']],
    ['! type:x -> title=a', ['"!" is no matcher: write NAME:PATTERN']],
    ['value:"abc -> title=a', ['a quote is not closed']],
    ['value:"abc\\" -> title=a', ['a quote is not closed']],
    ['type:x -> title="abc', ['a quote is not closed']],
    ['type:x -> fingerprint=a,"b', ['a quote is not closed']],
    ['type:x -> fingerprint={{ type', ['a "{{" is not closed by "}}"']],
    ['type:x -> title="{{ type"', ['a "{{" is not closed by "}}"']],
    ['type:"a"b -> title=a', ['"b" follows a closing quote: put the whole pattern in quotes']],
    ['type:x -> title="a"b', ['"b" follows a closing quote: put the whole text in quotes']],
    ['type:a"b -> title=a', ['a quote within "a\\"b": put the whole pattern in quotes, and a quote in it as \\"']],
    ['type:x -> title=a"b', ['a quote within "a\\"b": put the whole text in quotes, and a quote in it as \\"']],
    ['type:x', ['there is no "->", with a space on both sides, between matchers and actions']],
    ['type:x # -> title=a', ['there is no "->", with a space on both sides, between matchers and actions']],
    ['type:x->title=a', ['there is no "->", with a space on both sides, between matchers and actions']],
    [
      'type:x ->title=a',
      [
        '"->title=a" is no matcher: write NAME:PATTERN',
        'there is no "->", with a space on both sides, between matchers and actions',
      ],
    ],
    ['-> title=a', ['there is no matcher before "->"']],
    ['type:x ->', [`there is no action after "->": ${ACTIONS}`]],
    ['type:x -> # later', [`there is no action after "->": ${ACTIONS}`]],
    ['file:x -> ignor', [`there is no action "ignor": ${ACTIONS} (did you mean "ignore"?)`]],
    ['type:x -> drop="a b" title=a', [`there is no action "drop": ${ACTIONS}`]],
    ['type:x -> -> title=a', [`there is no action "->": ${ACTIONS}`]],
    ['type:x -> fingerprint', ['"fingerprint" has no value: write fingerprint=PART,PART']],
    ['type:x -> fingerprint= title=a', ['"fingerprint" has no value: write fingerprint=PART,PART']],
    ['type:x -> title=', ['"title" has no value: write title="…"']],
    ['type:x -> title=" "', ['"title" is empty']],
    ['file:x -> in_app', ['"in_app" has no value: write in_app=on or in_app=off']],
    ['file:x -> in_app=yes', ['"in_app" is on or off, not "yes"']],
    ['file:x -> ignore=on', ['"ignore" takes no value, but has "on"']],
    ['type:x -> ignore', ['"ignore" needs a matcher of frames on its line: module, file, function or path']],
    ['tags.a:x -> in_app=on', ['"in_app" needs a matcher of frames on its line: module, file, function or path']],
    ['type: -> title=a', ['the pattern of "type" is empty']],
    ['type:"" -> title=a', ['the pattern of "type" is empty']],
    ['type:x -> fingerprint=a,,b', ['a part of "fingerprint" is empty']],
    ['type:x -> fingerprint=a,', ['a part of "fingerprint" is empty']],
    ['type:x -> fingerprint=" "', ['a part of "fingerprint" is empty']],
    ['type:x -> title=a fingerprint=b title=c', ['"title" stands on this line twice']],
    ['file:x -> in_app=on in_app=off', ['"in_app" stands on this line twice']],
    ['file:x -> ignore ignore', ['"ignore" stands on this line twice']],
    [
      'type:x -> fingerprint=a,{{ transactoin }}',
      [`there is no variable "transactoin": ${VARIABLES} (did you mean "transaction"?)`],
    ],
    ['type:x -> title="a {{ tipe }}"', [`there is no variable "tipe": ${VARIABLES} (did you mean "type"?)`]],
    ['type:x -> fingerprint={{ tag.x }}', [`there is no variable "tag.x": ${VARIABLES} (did you mean "tags.KEY"?)`]],
    ['type:x -> fingerprint={{ weather }}', [`there is no variable "weather": ${VARIABLES}`]],
    ['type:x -> title="{{ type }} {{ weather }}"', [`there is no variable "weather": ${VARIABLES}`]],
    [
      'type:x -> fingerprint={{ tags.my key }}',
      [`there is no variable "tags.my key": ${VARIABLES} (did you mean "tags.KEY"?)`],
    ],
    ['type:x -> fingerprint={{}}', [`there is no variable "": ${VARIABLES}`]],
    [
      'type:x -> fingerprint=a-{{ type }}',
      ['a variable is a part by itself, as in fingerprint=checkout,{{ type }}: "a-{{ type }}" has more in it'],
    ],
    [
      'type:x -> fingerprint={{type}}{{value}}',
      ['a variable is a part by itself, as in fingerprint=checkout,{{ type }}: "{{type}}{{value}}" has more in it'],
    ],
  ])('%s', (rule, faults) => {
    expect(faultsOf(`# remark\ntype:x -> title=a\n${rule}`)).toEqual(faults.map((fault) => `line 3: ${fault}`))
  })

  test('of all lines and all words, in their order', () => {
    const faults = faultsOf('typ:x modul:y -> ignor title=\n\ntype:x -> title=a\nboom\n level: -> in_app=maybe')
    expect(faults.map((fault) => fault.replace(/: type, .*| \(.*/, ''))).toEqual([
      'line 1: there is no matcher "typ"',
      'line 1: there is no matcher "modul"',
      'line 1: there is no action "ignor": fingerprint, title, in_app, ignore',
      'line 1: "title" has no value: write title="…"',
      'line 4: "boom" is no matcher: write NAME:PATTERN',
      'line 4: there is no "->", with a space on both sides, between matchers and actions',
      'line 5: the pattern of "level" is empty',
      'line 5: "in_app" is on or off, not "maybe"',
    ])
  })

  test('long words are cut and stay on one line', () => {
    expect(faultsOf(`${'x'.repeat(100)} -> title=a`)).toEqual([
      `line 1: "${'x'.repeat(60)}…" is no matcher: write NAME:PATTERN`,
    ])
    expect(faultsOf('a\u0007b -> title=a')).toEqual(['line 1: "a\\u0007b" is no matcher: write NAME:PATTERN'])
  })
})

describe('what is over a limit is told with the number', () => {
  test('the text: 64 KiB of UTF-8', () => {
    const line = `# ${'ä'.repeat(510)}\n`
    const whole = line.repeat(64)
    expect(Buffer.byteLength(whole)).toBe(65_472)
    expect(faultsOf(whole + '#'.repeat(64))).toEqual([])
    expect(faultsOf(whole + '#'.repeat(65))).toEqual(['line 65: the rules have 65537 bytes, at most 65536 are allowed'])
    expect(faultsOf(`boom\n${line.repeat(70)}`)).toEqual([
      'line 66: the rules have 71615 bytes, at most 65536 are allowed',
    ])
  })

  test('500 rules, remarks not counted', () => {
    const rules = 'type:x -> title=a\n'.repeat(500)
    expect(faultsOf(`# remark\n${rules}# remark`)).toEqual([])
    expect(faultsOf(`# remark\n${rules}\ntype:x -> title=a\ntype:x -> title=a`)).toEqual([
      'line 503: this is rule 501, at most 500 are allowed',
    ])
  })

  test('2,000 characters on a line', () => {
    const head = 'type:x -> title='
    const fits = `${head}${'😀'.repeat(2000 - head.length)}`
    expect(faultsOf(fits)).toEqual([])
    expect(faultsOf(`\n${fits}a`)).toEqual(['line 2: there are 2001 characters, at most 2000 are allowed on a line'])
    expect(faultsOf(`#${'a'.repeat(2000)}`)).toEqual([
      'line 1: there are 2001 characters, at most 2000 are allowed on a line',
    ])
  })

  test('500 characters in a pattern', () => {
    expect(faultsOf(`type:${'😀'.repeat(500)} -> title=a`)).toEqual([])
    expect(faultsOf(`type:${'x'.repeat(501)} -> title=a`)).toEqual([
      'line 1: the pattern of "type" has 501 characters, at most 500 are allowed',
    ])
  })

  test('20 matchers on a line', () => {
    expect(faultsOf(`${'type:x '.repeat(20)}-> title=a`)).toEqual([])
    expect(faultsOf(`${'type:x '.repeat(21)}-> title=a`)).toEqual([
      'line 1: there are 21 matchers, at most 20 are allowed on a line',
    ])
  })
})

test('any text is parsed or told to be wrong', () => {
  const pieces = [
    'type',
    'file',
    ':',
    '"',
    '\\',
    '->',
    ' -> ',
    '=',
    ',',
    '{{',
    '}}',
    '#',
    '\n',
    '!',
    'x',
    ' ',
    'ignore',
  ]
  const random = seededRandom(5)
  for (let round = 0; round < 20_000; round++) {
    faultsOf(Array.from({ length: random(16) }, () => pieces[random(pieces.length)]).join(''))
  }
})
