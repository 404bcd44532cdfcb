/** The broker's thread dies, and changes commit while it starts again. It must miss none of them. */
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { expect, test } from 'vitest'
import { endIdleThreads } from '../../../test/broker-threads.ts'
import { eventually, startWorld } from '../../../test/broker-world.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { appendChange } from '../../platform/changes/store.ts'

const authority = makeAuthority({ subject: 'Plant' })
const device = issue(authority, { subject: 'press-7' })
const other = makeAuthority({ subject: 'Other' })
/** A new thread reads its facts within some 300 ms, so these moments are before, during and after that. */
const delaysMs = [0, 120, 240]

test.each(delaysMs)(
  'a restarted broker refuses the certificates of a CA that is deleted %i ms after the new thread begins',
  async (delayMs) => {
    await endIdleThreads()
    const started = once(process, 'worker') as Promise<[Worker]>
    const world = await startWorld()
    const [thread] = await started
    await world.addUser('press-7', { read: ['#'] })
    await world.addAuthority(authority)
    const connack = async () => {
      const client = await world.connect({ tls: device })
      const code = await client.connack()
      client.socket.destroy()
      return code
    }
    expect(await connack()).toBe(0)

    const restarted = once(process, 'worker')
    await thread.terminate()
    await restarted
    await new Promise((resume) => setTimeout(resume, delayMs))
    // One transaction with its row in the change log. The broker is not notified.
    await world.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('authorities').where('fingerprint', '=', authority.fingerprint).execute()
      await appendChange(trx, systemClock, { kind: 'authority', ids: [authority.fingerprint] })
    })
    await eventually(() => expect(world.broker.isRunning()).toBe(true))
    // A second commit at the moment when the thread is ready.
    await world.log({ kind: 'authority', ids: [other.fingerprint] })
    await eventually(async () => expect(await connack()).not.toBe(0))
    // It stays refused: an older reading of the trust store must not replace a newer one.
    await new Promise((resume) => setTimeout(resume, 300))
    expect(await connack()).not.toBe(0)
    await world.stop()
  },
)
