/** The broker's thread, with its own event loop and its own read-only connection to the database. */
import { parentPort, workerData } from 'node:worker_threads'
import type { BrokerSettings } from './port.ts'
import { runBroker } from './run-broker.ts'

if (!parentPort) throw new Error('This file is the entry of a worker thread')
await runBroker(workerData as BrokerSettings, parentPort)
