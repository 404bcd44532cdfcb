/** Readiness for `/readyz`: does each part that a request needs work now? */
import { setTimeout as wait } from 'node:timers/promises'
import type { Broker } from './brokers/embedded/start-broker.ts'
import { areDescriptorsExhausted } from './platform/base/descriptors.ts'
import type { Db } from './platform/db/open.ts'
import type { Storage } from './platform/db/storage.ts'
import { readPolicies } from './platform/policies/store.ts'

/** A database that has not answered within this time is not ready. */
const answerWithinMs = 2_000

interface Parts {
  reader: Db
  broker: Pick<Broker, 'isRunning'>
  storage: Storage
}

/** Returns the names of the parts that do not work. */
export async function findFailing({ reader, broker, storage }: Parts): Promise<string[]> {
  const [hasAnswered, report] = await Promise.all([answersInTime(reader), storage.report()])
  const failing = {
    broker: !broker.isRunning(),
    database: !hasAnswered,
    storage: report.state === 'full' || report.state === 'damaged',
    descriptors: areDescriptorsExhausted(),
  }
  return Object.entries(failing).flatMap(([name, isFailing]) => (isFailing ? [name] : []))
}

async function answersInTime(reader: Db): Promise<boolean> {
  const answer = readPolicies(reader)
  return Promise.race([answer.then(Boolean), wait(answerWithinMs, false, { ref: false })]).catch(() => false)
}
