/** The steps of a test that are the same for each broker that is reached by MQTT. Adapters add their own in between. */
import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import type { Socket } from 'node:net'
import type { BrokerProblem, TestStep } from '@gatehouse/contract/brokers/inventory'
import { type Endpoint, openTcp, openTls } from '../../platform/base/client-socket.ts'
import { connectionErrorCode } from '../../platform/base/connection-errors.ts'
import type { BrokerRow } from './adapter.ts'
import { type Answer, type Credentials, stepWithinMs, tryConnect } from './probe-client.ts'

type Step = TestStep['step']
export type Target = Pick<BrokerRow<'mosquitto'>, 'host' | 'port' | 'tls' | 'authorities'>

/** Do name, port, TLS and credentials work? The steps after the first failed one are skipped. */
export async function testConnection(target: Target, credentials: Credentials | null): Promise<TestStep[]> {
  const steps: TestStep[] = []
  let socket: Socket | null = null
  const take = async (step: Step, problem: BrokerProblem['code'], act: () => Promise<TestStep | null>) => {
    const isSkipped = steps.some(({ outcome }) => outcome === 'failed')
    steps.push(isSkipped ? skipped(step) : await takeStep(step, problem, act))
  }
  await take('address', 'unreachable', async () => {
    await lookup(target.host)
    return null
  })
  await take('tcp', 'unreachable', async () => {
    socket = await openTcp(target, stepWithinMs)
    return null
  })
  await take('tls', 'tls_failed', async () => {
    if (!target.tls || !socket) return skipped('tls')
    socket = await openTls(socket, { ...target, isChecked: true }, stepWithinMs)
    return null
  })
  await take('credentials', 'no_answer', async () => {
    if (!socket) return skipped('credentials')
    return judgeSignIn(await tryConnect(socket, credentials))
  })
  ;(socket as Socket | null)?.destroy()
  return steps
}

async function takeStep(
  step: Step,
  problem: BrokerProblem['code'],
  act: () => Promise<TestStep | null>,
): Promise<TestStep> {
  try {
    return (await act()) ?? passed(step)
  } catch (error) {
    return failed(step, problem, connectionErrorCode(error))
  }
}

function judgeSignIn(answer: Answer): TestStep | null {
  if (answer.outcome === 'admitted') return null
  if (answer.outcome === 'silent') return failed('credentials', 'no_answer', null)
  const isRefusal = answer.code === 4 || answer.code === 5
  const detail = answer.code === null ? null : `CONNACK ${answer.code}`
  return failed('credentials', isRefusal ? 'credentials_refused' : 'wrong_answer', detail)
}

/**
 * Does a port admit a client without credentials, or one with a wrong password? Both must be refused. A port that cannot be reached
 * is a failed step too, because nothing was proved.
 *
 * @param username The wrong password is sent for this user, and for one that does not exist.
 */
export async function testStrangers(
  { host }: Pick<Target, 'host'>,
  { ports, username }: { ports: readonly number[]; username: string | null },
): Promise<TestStep[]> {
  const password = randomBytes(18).toString('base64url')
  const names = [`gatehouse-test-${randomBytes(6).toString('hex')}`, ...(username === null ? [] : [username])]
  const each = [...new Set(ports)]
  return [
    await testPorts('anonymous', each, (port) => tryPort({ host, port }, [null])),
    await testPorts('wrong_password', each, (port) =>
      tryPort(
        { host, port },
        names.map((name) => ({ username: name, password })),
      ),
    ),
  ]
}

async function testPorts(
  step: Step,
  ports: readonly number[],
  attempt: (port: number) => Promise<BrokerProblem['code'] | null>,
): Promise<TestStep> {
  const found = await Promise.all(ports.map(async (port) => ({ port, problem: await attempt(port) })))
  const bad = found.filter(({ problem }) => problem !== null)
  const worst = bad.find(({ problem }) => problem === 'fails_open') ?? bad[0]
  if (!worst) return ports.length === 0 ? skipped(step) : passed(step)
  const same = bad.filter(({ problem }) => problem === worst.problem).map(({ port }) => port)
  return failed(step, worst.problem, same.join(', '))
}

/** Null: the port refuses all of them. */
async function tryPort(
  target: Endpoint,
  attempts: readonly (Credentials | null)[],
): Promise<BrokerProblem['code'] | null> {
  for (const credentials of attempts) {
    const answer = await connectAnyway(target, credentials)
    if (answer === 'unreachable') return 'unreachable'
    if (answer?.outcome === 'admitted') return 'fails_open'
    if (answer?.outcome === 'silent') return 'no_answer'
  }
  return null
}

/** With TLS if the port speaks it, else without. Null: refused in the handshake, as a port that requires a certificate does. */
async function connectAnyway(
  target: Endpoint,
  credentials: Credentials | null,
): Promise<Answer | 'unreachable' | null> {
  const secured = await connectOnce(target, { credentials, withTls: true })
  if (secured !== null) return secured
  const plain = await connectOnce(target, { credentials, withTls: false })
  // A TLS port closes, or waits for the rest of a handshake, when it gets a plain CONNECT.
  return plain === 'unreachable' || plain?.outcome === 'admitted' ? plain : null
}

async function connectOnce(
  target: Endpoint,
  { credentials, withTls }: { credentials: Credentials | null; withTls: boolean },
): Promise<Answer | 'unreachable' | null> {
  let socket: Socket
  try {
    socket = await openTcp(target, stepWithinMs)
  } catch {
    return 'unreachable'
  }
  if (!withTls) return tryConnect(socket, credentials)
  try {
    return await tryConnect(
      await openTls(socket, { host: target.host, authorities: null, isChecked: false }, stepWithinMs),
      credentials,
    )
  } catch {
    socket.destroy()
    return null
  }
}

function passed(step: Step): TestStep {
  return { step, outcome: 'passed', problem: null, detail: null }
}

function skipped(step: Step): TestStep {
  return { step, outcome: 'skipped', problem: null, detail: null }
}

function failed(step: Step, problem: BrokerProblem['code'] | null, detail: string | null): TestStep {
  return { step, outcome: 'failed', problem, detail }
}
