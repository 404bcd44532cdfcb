/** Starts the HTTP listeners: the console with its API, and the separate one for health and metrics. */
import { fileURLToPath } from 'node:url'
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import { type Domains, makeApp } from './app.ts'
import { makeConsoleUpgrades } from './brokers/embedded/console-upgrades.ts'
import type { EnforcerHub } from './brokers/enforcers/hub.ts'
import { enforcerUrl, openEnforcerListener } from './brokers/enforcers/listener.ts'
import type { Settings } from './env.ts'
import { identifySession } from './identity/sign-in/identify.ts'
import { flowMs } from './identity/single-sign-on/flow.ts'
import type { SingleSignOnGate } from './identity/single-sign-on/routes.ts'
import { identifyToken } from './identity/tokens/identify.ts'
import type { Platform } from './open-platform.ts'
import type { Metrics } from './operations/health/metrics.ts'
import { type HealthParts, makeHealthApp } from './operations/health/routes.ts'
import { isLoopback } from './platform/base/loopback.ts'
import { createResponseCache } from './platform/http/cached-response.ts'
import { limitConsole, limitHealth } from './platform/http/connections.ts'
import { makeDeviceCookie } from './platform/http/device-cookie.ts'
import { makeFlowCookies } from './platform/http/flow-cookies.ts'
import type { Gate } from './platform/http/handle.ts'
import { type HttpServer, originsOf, serveHttp } from './platform/http/server.ts'
import { makeSessionCookie } from './platform/http/session-cookie.ts'

interface ConsoleParts {
  settings: Settings
  version: string
  tls: IssuedPems
  domains: Domains
  health: HealthParts
  metrics: Pick<Metrics, 'served'>
  /** The socket file that WebSocket connections for MQTT are passed on to. Null: they are refused. */
  mqttSocket: string | null
}

/** The console and the API. */
export async function serveConsole(platform: Platform, parts: ConsoleParts): Promise<HttpServer> {
  const { settings, version, tls, domains, health, metrics, mqttSocket } = parts
  const { http } = settings
  // Also true behind a TLS proxy: it matters what the browser uses.
  const https = http.tls || http.publicUrl?.startsWith('https:') === true
  const connections = limitConsole({ trustedProxies: http.trustedProxies, log: platform.log })
  // Filled below: with port 0 the origin is known only when the server listens.
  const origins = new Set<string>()
  const gate: Gate & SingleSignOnGate = {
    cookie: makeSessionCookie({ secure: https }),
    deviceCookie: makeDeviceCookie({ secure: https }),
    flowCookies: makeFlowCookies({ secure: https, maxAgeMs: flowMs }),
    origins,
    identifySession: (secret, how) => identifySession(domains.identity, secret, how),
    identifyToken: (secret) => identifyToken(domains.identity, secret),
    identified: (socket) => connections.identified(socket),
    responses: createResponseCache(platform.snapshot),
    served: (call) => metrics.served(call),
  }
  const app = makeApp({
    gate,
    domains,
    version,
    clock: platform.clock,
    log: platform.log,
    localHealth: settings.health || settings.mayBeProxied ? null : health,
    onFault: (error) => platform.storage.failed(error),
    https,
    trustedProxies: http.trustedProxies,
    webFolder: fileURLToPath(new URL('../../web/dist', import.meta.url)),
  })
  const { trustedProxies } = http
  const upgrades = mqttSocket === null ? null : makeConsoleUpgrades({ socketPath: mqttSocket, origins, trustedProxies })
  const server = await serveHttp(app, { http, tls: http.tls ? tls : null, connections, upgrades })
  for (const origin of originsOf(settings, server.url)) origins.add(origin)
  return server
}

/** The listener of health and metrics. Null if the settings have none. */
export async function serveHealth(
  { log }: Pick<Platform, 'log'>,
  { settings, tls, health }: Pick<ConsoleParts, 'settings' | 'tls' | 'health'>,
): Promise<HttpServer | null> {
  const { health: place, tlsNames } = settings
  if (!place) return null
  const connections = limitHealth({ trustedProxies: [], log })
  const app = makeHealthApp({ ...health, token: place.token, names: tlsNames })
  return serveHttp(app, { http: place, tls: place.tls ? tls : null, connections, upgrades: null })
}

interface EnforcerEndpoint {
  /** Where agents connect. Null: the settings have no listener for them. */
  url: string | null
  close(): Promise<void>
}

/** The listener of agents beside brokers on other hosts. */
export async function serveEnforcers(
  platform: Platform,
  { settings, hub }: { settings: Settings; hub: EnforcerHub },
): Promise<EnforcerEndpoint> {
  const { enforcers: place, publicHost, tlsNames } = settings
  if (!place) return { url: null, close: async () => {} }
  const { port, close } = await openEnforcerListener({ ...platform, hub }, place)
  const isEverywhere = place.host === '0.0.0.0' || place.host === '::'
  const host = isEverywhere ? (tlsNames.find((name) => !isLoopback(name)) ?? place.host) : place.host
  return { url: enforcerUrl({ host: publicHost ?? host, port }), close }
}
