import { expect, it } from 'vitest'
import { ExchangeSlots } from './exchange-slots.ts'

const slots = new ExchangeSlots()

/** Starts this many exchanges, which run until `end` is called. */
function hold(count: number, addressOf: (n: number) => string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const running = Array.from({ length: count }, (_, n) => slots.run(addressOf(n), () => promise))
  return {
    end: async () => {
      resolve()
      await Promise.allSettled(running)
    },
  }
}

it('lets one network take a part of the exchanges, and frees them when they end', async () => {
  const held = hold(16, () => '192.0.2.1')
  await expect(slots.run('192.0.2.1', async () => 'ran')).rejects.toMatchObject({ code: 'throttled' })
  expect(await slots.run('192.0.2.2', async () => 'ran')).toBe('ran')
  await held.end()
  expect(await slots.run('192.0.2.1', async () => 'ran')).toBe('ran')
})

it('bounds the exchanges of all networks, and counts an IPv6 network as one', async () => {
  const held = hold(64, (n) => `192.0.2.${n}`)
  await expect(slots.run('198.51.100.1', async () => 'ran')).rejects.toMatchObject({ code: 'throttled' })
  await held.end()
  const sixteen = hold(16, (n) => `2001:db8::${n}`)
  await expect(slots.run('2001:db8::ffff', async () => 'ran')).rejects.toMatchObject({ code: 'throttled' })
  await sixteen.end()
})
