import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { readOwnFrames } from './own-frame.ts'
import { findRecursion } from './recursion.ts'

function recursion(...names: readonly string[]) {
  const frames = names.map((name) => sampleFrame({ function: name, filename: 'tree.rb' }))
  return findRecursion(readOwnFrames(frames, 'ruby')).map(({ name }) => name)
}

test('the functions of the round, wherever the stack was cut', () => {
  const rounds = Array(20).fill(['walk', 'visit']).flat()
  expect(recursion('leaf', ...rounds, 'main')).toEqual(['visit', 'walk'])
  expect(recursion(...rounds.slice(1), 'walk')).toEqual(['visit', 'walk'])
  expect(recursion('leaf', 'walk', 'walk', 'walk', 'walk', 'main')).toEqual(['walk'])
})

test('a function that is called in some rounds only belongs to them, one that is called now and then does not', () => {
  const rounds = [...Array(9).fill('walk'), ...Array(4).fill('visit'), ...Array(2).fill('log')]
  expect(recursion(...rounds)).toEqual(['visit', 'walk'])
})

test('none where nothing called itself over and over', () => {
  expect(recursion('walk', 'walk', 'main')).toEqual([])
  expect(recursion()).toEqual([])
})
