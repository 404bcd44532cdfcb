/** Opens the listener where enforcers connect, and keeps its certificate fresh. */
import type { Logger } from 'pino'
import { limitEnforcers } from '../../platform/http/connections.ts'
import { type HttpServer, hostInUrl, serveHttp } from '../../platform/http/server.ts'
import { ensureAuthority, issueForListener } from './authority.ts'
import { makeEnforcerApp } from './endpoint/routes.ts'
import type { EnrolmentContext } from './enrolment.ts'
import type { EnforcerHub } from './hub.ts'

/** Its certificate lasts 30 days, and nothing stores it. */
const renewEveryMs = 24 * 60 * 60_000

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
  const server: HttpServer = await serveHttp(app, {
    http: { ...place, tls: true },
    tls: await issueForListener(authority, clock.now()),
    clientAuthority: authority.certificatePem,
    connections,
    upgrades: null,
  })
  const renewal = setInterval(() => {
    void issueForListener(authority, clock.now()).then(
      (renewed) => server.replaceCertificate(renewed),
      (error: unknown) => log.error({ err: error }, 'the certificate of the listener for enforcers was not renewed'),
    )
  }, renewEveryMs).unref()
  return {
    port: Number(new URL(server.url).port),
    close: async () => {
      clearInterval(renewal)
      // Polls that are held would delay the end of the server.
      hub.closeAll()
      await server.close()
    },
  }
}

/** The address that the command for the agent names. */
export function enforcerUrl({ host, port }: Place): string {
  return `https://${hostInUrl(host)}:${port}`
}
