/** The steps of a test that only a Mosquitto on this machine has. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BrokerProblem, TestStep } from '@gatehouse/contract/brokers/inventory'
import type { BrokerRow } from '../inventory/adapter.ts'
import { testConnection, testStrangers } from '../inventory/probe.ts'
import { ControlError, connectControl } from './control-client.ts'
import { Dynsec } from './dynsec.ts'
import type { OpenedSettings } from './local-settings.ts'
import { isRunning } from './reload-signal.ts'

const connectWithinMs = 3_000
const answerWithinMs = 3_000

/** Changes nothing there. */
export async function testMosquitto(row: BrokerRow<'mosquitto'>, settings: OpenedSettings): Promise<TestStep[]> {
  const { username, password } = settings.control
  const steps = await testConnection(row, username === '' ? null : { username, password })
  const isConnected = steps.every(({ outcome }) => outcome !== 'failed')
  const { certificate, password: passwordPort } = row.settings.ports
  const ports = [row.port, certificate, passwordPort].filter((port) => port !== null)
  return [
    ...steps,
    isConnected ? await testControl(settings) : step('control', 'skipped'),
    await testFiles(settings),
    await testSignal(settings),
    ...(await testStrangers(row, { ports, username: row.username })),
  ]
}

async function testControl({ control }: OpenedSettings): Promise<TestStep> {
  const { promise: connected, resolve } = Promise.withResolvers<void>()
  const client = connectControl(control, { onConnect: resolve, answerWithinMs })
  const timer = setTimeout(resolve, connectWithinMs)
  try {
    await connected
    await new Dynsec(client).read()
    return step('control', 'passed')
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return step('control', 'failed', error.code === 'no_answer' ? 'dynsec_missing' : 'wrong_answer', error.code)
  } finally {
    clearTimeout(timer)
    await client.close()
  }
}

async function testFiles({ capath, crlFile, problems }: OpenedSettings): Promise<TestStep> {
  const [first] = problems
  if (first) return step('files', 'failed', first.code, first.detail)
  if (capath === null || crlFile === null) return step('files', 'skipped')
  for (const folder of [capath, dirname(crlFile)]) {
    try {
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch {
      return step('files', 'failed', 'trust_not_applied', folder)
    }
  }
  return step('files', 'passed')
}

async function testSignal({ capath, pidFile }: OpenedSettings): Promise<TestStep> {
  if (capath === null || pidFile === null) return step('signal', 'skipped')
  return (await isRunning(pidFile)) ? step('signal', 'passed') : step('signal', 'failed', 'signal_failed', pidFile)
}

function step(
  name: TestStep['step'],
  outcome: TestStep['outcome'],
  problem: BrokerProblem['code'] | null = null,
  detail: string | null = null,
): TestStep {
  return { step: name, outcome, problem, detail }
}
