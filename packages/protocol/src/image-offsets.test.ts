import { describe, expect, test } from 'vitest'
import { imageFinder } from './image-offsets.ts'

const images = [
  { type: 'elf', image_addr: '0x7f0000010000', image_size: 0x1000, code_file: '/opt/shop/libcart.so' },
  { type: 'elf', image_addr: '0x400000', image_size: 4096, code_file: '/opt/shop/shop' },
]

describe('where a native frame lies in its image', () => {
  test('by the image it names itself', () => {
    const find = imageFinder(null)
    expect(find({ instruction_addr: '0x104a41f3c', image_addr: '0x104a40000' })).toEqual({
      offset: '0x1f3c',
      file: null,
    })
  })

  test.each([
    ['the first byte', '0x400000', { offset: '0x0', file: '/opt/shop/shop' }],
    ['the last byte', '0x400fff', { offset: '0xfff', file: '/opt/shop/shop' }],
    ['addresses a number cannot hold exactly', '0x7f0000010abc', { offset: '0xabc', file: '/opt/shop/libcart.so' }],
    ['a number', 0x400010, { offset: '0x10', file: '/opt/shop/shop' }],
    ['between two images', '0x401000', null],
    ['before all images', '0x1000', null],
    ['no address', 'main', null],
    ['none', undefined, null],
  ])('among the images of the event: %s', (_, address, place) => {
    expect(imageFinder({ images })({ instruction_addr: address })).toEqual(place)
  })

  test('is nowhere when the image starts behind it, and nothing strange makes it throw', () => {
    expect(imageFinder(null)({ instruction_addr: '0x10', image_addr: '0x20' })).toBeNull()
    for (const strange of [
      null,
      'x',
      [],
      { images: 'x' },
      { images: [null, { image_addr: -1 }, { image_addr: '0x' }] },
    ]) {
      expect(imageFinder(strange)({ instruction_addr: '0x10' })).toBeNull()
    }
  })
})
