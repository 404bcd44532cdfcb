/** Opens the listener where enforcers connect. It follows the enforcers' CA. */
import { setTimeout as wait } from 'node:timers/promises'
import { limitEnforcers } from '../../platform/http/connections.ts'
import { type HttpServer, hostInUrl, serveHttp } from '../../platform/http/server.ts'
import { ensureAuthority, issueForListener } from './authority.ts'
import { AuthorityFollower, type FollowerContext } from './authority-follower.ts'
import { listAuthorities } from './authority-store.ts'
import { makeEnforcerApp } from './endpoint/routes.ts'
import type { EnrolmentContext } from './enrolment.ts'

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

export async function openEnforcerListener(context: FollowerContext, place: Place): Promise<EnforcerListener> {
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
  const following = followAuthority(new AuthorityFollower(context, server), stop.signal)
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

/** Ends only by the signal. */
async function followAuthority(follower: AuthorityFollower, stop: AbortSignal): Promise<void> {
  for (;;) {
    await follower.look()
    await wait(lookEveryMs, null, { signal: stop, ref: false }).catch(() => {})
    if (stop.aborted) return
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
