import { expect, test } from 'vitest'
import { slicesOf } from './upload-in-slices.ts'

const block = (label: string, content: string | number) =>
  `-----BEGIN ${label}-----\n${content}\n-----END ${label}-----\n`
const bundle = (count: number) => Array.from({ length: count }, (_, at) => block('CERTIFICATE', at))

test.each([
  [1, [1]],
  [200, [200]],
  [201, [101, 100]],
  [1_000, [200, 200, 200, 200, 200]],
])('%i certificates', (count, sizes) => {
  const blocks = bundle(count)
  const slices = slicesOf(blocks.map((one) => `subject=/CN=x\n${one}`).join(''))
  expect(slices.map(({ length }) => length)).toEqual(sizes)
  expect(slices.flat()).toEqual(blocks)
})

test('sends a bundle that contains PKCS#7 in one slice', () => {
  expect(slicesOf(`${bundle(500).join('')}${block('PKCS7', 'x')}`)).toHaveLength(1)
})
