/** The broker's thread: puts the parts together and answers the console's questions. Its own event loop, its own read-only database. */
import { setTimeout as wait } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { type Clock, offsetClock, systemClock } from '../../platform/base/clock.ts'
import { startThread } from './broker-runtime.ts'
import type { BrokerSettings, ConsoleQuestions, FromBroker, ToBroker } from './port.ts'
import { answer, makeAsking } from './rpc.ts'

const port = parentPort
if (!port) throw new Error('This file is the entry of a worker thread')
const post = (message: FromBroker) => port.postMessage(message)
const settings = workerData as BrokerSettings
const asking = makeAsking<ConsoleQuestions>((message) => post(message as FromBroker))

try {
  const thread = await startThread(settings, {
    clock: readClock(settings.clockOffset),
    checkPassword: (attempt) => asking.ask('checkPassword', attempt),
    onSeen: (seen) => post({ type: 'seen', seen }),
    onCertificatesSeen: (seen) => post({ type: 'certificatesSeen', seen }),
    onTold: (told) => post({ type: 'told', told }),
    log: (level, message, facts) => post({ type: 'log', level, message, facts }),
  })
  port.on('message', (message: ToBroker) => {
    if (message.type === 'answer') return asking.settle(message)
    void answer(thread.answering, message).then(post)
  })
  post({ type: 'listening', listeners: thread.listeners })
} catch (error) {
  post({ type: 'failed', error: error instanceof Error ? error.message : String(error) })
  // The message goes first, then the thread.
  await wait(0)
  port.close()
}

function readClock(offset: SharedArrayBuffer | null): Clock {
  if (!offset) return systemClock
  // Float64: an Int32 of milliseconds ends after 24 days.
  const offsetMs = new Float64Array(offset)
  return offsetClock(() => offsetMs[0] ?? 0)
}
