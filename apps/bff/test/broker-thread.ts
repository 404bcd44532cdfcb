/** A thread that runs one broker after another: see `broker-threads.ts`. */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { keepDiskThreadsForTests } from '@gatehouse/mqtt/log/disk'
import type { BrokerSettings } from '../src/brokers/embedded/port.ts'
import { runBroker } from '../src/brokers/embedded/run-broker.ts'

export interface BrokerTask {
  settings: BrokerSettings
  port: MessagePort
}

if (!parentPort) throw new Error('This file is the entry of a worker thread')
keepDiskThreadsForTests()
parentPort.on('message', ({ settings, port }: BrokerTask) => void runBroker(settings, port))
