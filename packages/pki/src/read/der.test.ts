import { expect, test } from 'vitest'
import { writeElement } from '../testing/der-writer.ts'
import { readElementAt, readInteger } from './der.ts'

const integer = (...bytes: number[]) => readElementAt(writeElement(0x02, Buffer.from(bytes)), 0)

// X.690 §8.3.2: the first nine bits are neither all zero nor all one.
test.each([[[0]], [[0x7f]], [[0x80]], [[0, 0x80]], [[0xff, 0x7f]], [[1, 0, 0]]])('reads an INTEGER of %j', (bytes) => {
  expect([...readInteger(integer(...bytes))]).toEqual(bytes)
})

test.each([[[]], [[0, 0]], [[0, 0x7f]], [[0xff, 0x80]], [[0xff, 0xff]]])('rejects an INTEGER of %j', (bytes) => {
  expect(() => readInteger(integer(...bytes))).toThrow('integer')
})
