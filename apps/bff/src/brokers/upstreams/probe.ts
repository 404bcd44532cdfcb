/** Tests an upstream step by step, so that the failed step can be named. What the upstream answers is never shown, only its status. */
import { lookup } from 'node:dns/promises'
import type { Socket } from 'node:net'
import type { Upstream, UpstreamTestStep } from '@gatehouse/contract/brokers/upstreams'
import { openTcp, openTls } from '../../platform/base/client-socket.ts'
import { certificateProblemOf, connectionErrorCode, isTimeout } from '../../platform/base/connection-errors.ts'
import { AddressRefused, isAllowedAddress } from '../../platform/outbound/addresses.ts'
import { devicesPath, loginPath, logoutPath } from '../edge/mender/management.ts'
import { CallFault, credentialsOf, UpstreamClient, upstreamAddresses } from '../edge/upstream-client.ts'
import { stepWithinMs } from '../inventory/probe-client.ts'

type Step = UpstreamTestStep['step']
type Problem = NonNullable<UpstreamTestStep['problem']>

/** A person waits for the answer. */
const longestMs = 10_000

interface Tested {
  upstream: Upstream
  secret: string | null
}

/** The steps after the first failed one are skipped. Takes half a minute at most, beside the time to resolve the name. */
export async function testUpstream({ upstream, secret }: Tested): Promise<UpstreamTestStep[]> {
  const target = { ...upstream, ...shortTimes(upstream) }
  const steps = await testTransport(target)
  if (steps.some(({ outcome }) => outcome === 'failed')) return [...steps, skipped('answer'), skipped('credentials')]
  return [...steps, ...(await testAnswer({ upstream: target, secret }))]
}

function shortTimes({ connectTimeoutMs, responseTimeoutMs }: Upstream) {
  return {
    connectTimeoutMs: Math.min(connectTimeoutMs, longestMs),
    responseTimeoutMs: Math.min(responseTimeoutMs, longestMs),
    idleTimeoutMs: longestMs,
  }
}

async function testTransport({ origin, authorities }: Upstream): Promise<UpstreamTestStep[]> {
  const { protocol, hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[|\]$/g, '')
  const isSecure = protocol === 'https:'
  let at: Step = 'address'
  let socket: Socket | null = null
  try {
    const address = await resolve(host)
    at = 'tcp'
    socket = await openTcp({ host: address, port: Number(port) || (isSecure ? 443 : 80) }, stepWithinMs)
    at = 'tls'
    if (isSecure) socket = await openTls(socket, { host, authorities, isChecked: true }, stepWithinMs)
  } catch (error) {
    return upTo(at, failed(at, problemOf(at, error), connectionErrorCode(error)))
  } finally {
    socket?.destroy()
  }
  return upTo('tls', isSecure ? passed('tls') : skipped('tls'))
}

const transport = ['address', 'tcp', 'tls'] as const

/** The steps before passed, this one, and those after it skipped. */
function upTo(at: Step, last: UpstreamTestStep): UpstreamTestStep[] {
  const index = transport.findIndex((step) => step === at)
  return transport.map((step, each) => (each < index ? passed(step) : each === index ? last : skipped(step)))
}

/** The first address of the host that is allowed. */
async function resolve(host: string): Promise<string> {
  const found = await lookup(host, { all: true })
  const allowed = found.find(({ address }) => isAllowedAddress(address, upstreamAddresses))
  if (!allowed) throw new AddressRefused(host)
  return allowed.address
}

async function testAnswer(tested: Tested): Promise<UpstreamTestStep[]> {
  const { kind, authentication, connectTimeoutMs, responseTimeoutMs } = tested.upstream
  const client = new UpstreamClient(tested.upstream, tested.secret)
  let isOver = false
  // The times of the client do not end an answer that comes byte by byte.
  const timer = setTimeout(() => {
    isOver = true
    client.close()
  }, connectTimeoutMs + responseTimeoutMs)
  try {
    const status = kind === 'mender' ? await askMender(client, tested) : await ask(client, tested)
    const detail = `HTTP ${status}`
    const isRefused = authentication !== 'none' && (status === 401 || status === 403)
    if (isRefused) return [passed('answer'), failed('credentials', 'credentials_refused', detail)]
    // A Mender server answers with 200; a server of another kind may answer with any status.
    if (kind === 'mender' && status !== 200) {
      return [failed('answer', 'wrong_answer', detail), skipped('credentials')]
    }
    return [{ ...passed('answer'), detail }, authentication === 'none' ? skipped('credentials') : passed('credentials')]
  } catch (error) {
    const isLate = isOver || (error instanceof CallFault && error.fault === 'upstream_timeout')
    return [failed('answer', isLate ? 'timed_out' : 'wrong_answer', null), skipped('credentials')]
  } finally {
    clearTimeout(timer)
    client.close()
  }
}

async function ask(client: UpstreamClient, { upstream, secret }: Tested): Promise<number> {
  const authorization = upstream.authentication === 'none' ? null : credentialsOf({ ...upstream, secret })
  return (await client.call({ method: 'GET', path: '/', body: null, authorization })).status
}

/** Signs in, and lists one device: the user must be allowed to manage devices. The session ends again. */
async function askMender(client: UpstreamClient, { upstream, secret }: Tested): Promise<number> {
  const own = credentialsOf({ ...upstream, secret })
  if (upstream.authentication === 'bearer') return askForDevices(client, own)
  const login = await client.call({ method: 'POST', path: loginPath, body: null, authorization: own })
  if (login.status !== 200) return login.status
  const session = `Bearer ${login.text.trim()}`
  const status = await askForDevices(client, session)
  await client.call({ method: 'POST', path: logoutPath, body: null, authorization: session }).catch(() => {})
  return status
}

async function askForDevices(client: UpstreamClient, authorization: string): Promise<number> {
  return (await client.call({ method: 'GET', path: `${devicesPath}?per_page=1`, body: null, authorization })).status
}

function problemOf(at: Step, error: unknown): Problem {
  if (error instanceof AddressRefused) return 'address_not_allowed'
  if (at === 'address') return 'not_resolved'
  if (isTimeout(error)) return 'timed_out'
  return at === 'tcp' ? 'not_reachable' : (certificateProblemOf(error) ?? 'tls_failed')
}

function passed(step: Step): UpstreamTestStep {
  return { step, outcome: 'passed', problem: null, detail: null }
}

function skipped(step: Step): UpstreamTestStep {
  return { step, outcome: 'skipped', problem: null, detail: null }
}

function failed(step: Step, problem: Problem, detail: string | null): UpstreamTestStep {
  return { step, outcome: 'failed', problem, detail }
}
