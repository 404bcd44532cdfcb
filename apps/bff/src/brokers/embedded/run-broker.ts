/** Runs a broker, which the other thread uses through a message port. */
import { setTimeout as wait } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { type Clock, offsetClock, systemClock } from '../../platform/base/clock.ts'
import { createBroker } from './broker.ts'
import type { BrokerSettings, FromBroker, HostCallbacks, ToBroker } from './port.ts'
import { Caller, makeRemote, type Remote, runCall } from './rpc.ts'

/** Resolves when the broker has started. If it cannot start, it says why and closes the port. */
export async function runBroker(settings: BrokerSettings, port: MessagePort): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const post = (message: FromBroker) => port.postMessage(message)
  const caller = new Caller<HostCallbacks>(post)
  const host = makeRemote<Remote<HostCallbacks>, object>((name, args) => caller.call(name, args), {})
  const starting = createBroker(settings, {
    clock: readClock(settings.clockOffset),
    host,
    log: (line) => post({ type: 'log', ...line }),
    onListening: (open) => post({ type: 'listening', ...open }),
  })
  // Before the broker has started: it calls the main thread while it opens its listeners.
  port.on('message', (message: ToBroker) => {
    if (message.type === 'answer') return caller.settle(message)
    void starting.then((broker) => runCall(broker.calls, message)).then(post)
  })
  try {
    await starting
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    post({ type: 'failed', error: message, isSettings: error instanceof BadSettings })
    // The message must leave before the thread ends.
    await wait(0)
    port.close()
  }
}

function readClock(offset: SharedArrayBuffer | null): Clock {
  if (!offset) return systemClock
  // Float64: an Int32 of milliseconds ends after 24 days.
  const offsetMs = new Float64Array(offset)
  return offsetClock(() => offsetMs[0] ?? 0)
}
