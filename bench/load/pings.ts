/** A client of MQTT beside others: how long it waits for the answer to its PINGREQ. */
import { setTimeout as wait } from 'node:timers/promises'
import { generate } from 'mqtt-packet'
import { percentile } from '../row.ts'
import { type Account, join } from './messages.ts'

const betweenPingsMs = 10
/** Fewer are enough where each takes long. */
const enoughMs = 5_000

/** @returns the 95th percentile in seconds. */
export async function ping({ port, account }: { port: number; account: Account }, count: number): Promise<number> {
  const { socket, next } = await join(port, account, { clientId: account.username ?? '' })
  const seconds: number[] = []
  const end = performance.now() + enoughMs
  for (let i = 0; i < count && performance.now() < end; i++) {
    const startedAt = performance.now()
    const answer = next('pingresp')
    socket.write(generate({ cmd: 'pingreq' }))
    await answer
    seconds.push((performance.now() - startedAt) / 1_000)
    await wait(betweenPingsMs)
  }
  socket.destroy()
  return percentile(seconds, 0.95)
}
