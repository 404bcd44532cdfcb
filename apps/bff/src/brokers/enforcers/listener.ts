/** Opens the listener where enforcers connect, keeps its certificate fresh, and follows the enforcers' CA. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { limitEnforcers } from '../../platform/http/connections.ts'
import { type HttpServer, hostInUrl, serveHttp } from '../../platform/http/server.ts'
import { ensureAuthority, issueForListener } from './authority.ts'
import { completeIfFollowed } from './authority-replacement.ts'
import { listAuthorities } from './authority-store.ts'
import { makeEnforcerApp } from './endpoint/routes.ts'
import type { EnrolmentContext } from './enrolment.ts'
import type { EnforcerHub } from './hub.ts'
import { endsSoon } from './list.ts'

/** Its certificate lasts 30 days, and nothing stores it. */
const renewEveryMs = 24 * 60 * 60_000
/** Any process of the console may replace the CA. */
const lookEveryMs = 1_000

interface Place {
  host: string
  port: number
}

export interface EnforcerListener {
  port: number
  close(): Promise<void>
}

export async function openEnforcerListener(
  context: EnrolmentContext & { hub: EnforcerHub; log: Logger },
  place: Place,
): Promise<EnforcerListener> {
  const { clock, hub, log } = context
  const authority = await ensureAuthority(context)
  const connections = limitEnforcers({ trustedProxies: [], log })
  const app = makeEnforcerApp({ ...context, identified: (socket) => connections.identified(socket) })
  const trusted = await trustedBy(context)
  hub.trust(trusted)
  const server: HttpServer = await serveHttp(app, {
    http: { ...place, tls: true },
    tls: await issueForListener(authority, clock.now()),
    clientAuthority: trusted.join(''),
    connections,
    upgrades: null,
  })
  const stop = new AbortController()
  const following = followAuthority(context, server, stop.signal)
  return {
    port: Number(new URL(server.url).port),
    close: async () => {
      stop.abort()
      await following
      // Polls that are held would delay the end of the server.
      hub.closeAll()
      await server.close()
    },
  }
}

type Following = EnrolmentContext & { hub: EnforcerHub; log: Logger }

/** Ends only by the signal: a database that is away is asked again. */
async function followAuthority(context: Following, server: HttpServer, stop: AbortSignal): Promise<void> {
  const { clock, hub, log } = context
  let renewedAt = performance.now()
  let isFailing = false
  for (;;) {
    await wait(lookEveryMs, null, { signal: stop, ref: false }).catch(() => {})
    if (stop.aborted) return
    try {
      await completeIfFollowed(context)
      const found = await trustedBy(context)
      const isDue = performance.now() - renewedAt > renewEveryMs
      const isSame = found.join('') === hub.authorities.join('')
      // An empty list would mean the CAs of the system.
      if (found.length === 0 || (isSame && !isDue)) continue
      const authority = await ensureAuthority(context)
      server.replaceCertificate(await issueForListener(authority, clock.now()), found.join(''))
      if (endsSoon(authority.certificatePem, clock.now())) log.warn({}, 'The CA of the agents ends soon: replace it')
      if (!isSame) hub.trust(found)
      renewedAt = performance.now()
      isFailing = false
    } catch (error) {
      if (!isFailing) log.error({ err: error }, 'the certificate of the listener for enforcers was not renewed')
      isFailing = true
    }
  }
}

/** PEM of the CAs whose certificates count: during a replacement there are two. */
async function trustedBy({ reader }: EnrolmentContext): Promise<string[]> {
  const authorities = await listAuthorities(reader)
  return authorities.map(({ certificate }) => certificate)
}

/** The address that the command for the agent names. */
export function enforcerUrl({ host, port }: Place): string {
  return `https://${hostInUrl(host)}:${port}`
}
