/** Fetches the enforcers' CA from the console, and accepts it only by the fingerprint in the token. */

import type { X509Certificate } from 'node:crypto'
import type { ClientRequest } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { enforcerServerName } from '@gatehouse/contract/brokers/enforcer-protocol'
import type { ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'
import { placeOf } from './console-client.ts'
import { WrongAnswer } from './console-fault.ts'

const withinMs = 20_000

/**
 * Returns the PEM of the CA. Nothing is sent on this connection, so it does not matter that nothing is verified on it: the
 * enrolment uses another one that trusts only this CA.
 */
export async function fetchPinnedAuthority(
  url: string,
  { fingerprint, proxy }: { fingerprint: string; proxy: ProxyEnvironment },
): Promise<string> {
  const agent = new Agent({ proxyEnv: { ...proxy } })
  const late = AbortSignal.timeout(withinMs)
  // It is never sent: a request is how Node opens a connection through a proxy.
  const request = httpsRequest({
    ...placeOf(url),
    agent,
    servername: enforcerServerName,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
    signal: late,
  })
  try {
    const found = chainOf(await secured(request)).find((certificate) => sameFingerprint(certificate, fingerprint))
    if (!found) throw new WrongAnswer('the server there is not the console that made this token')
    return found.toString()
  } catch (error) {
    if (late.aborted) throw Object.assign(new Error('The console does not answer'), { code: 'ETIMEDOUT' })
    throw error
  } finally {
    request.destroy()
    agent.destroy()
  }
}

function secured(request: ClientRequest): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    // Node has the field, its types do not.
    request.once('socket', (socket: TLSSocket & { secureConnecting?: boolean }) => {
      // Through a proxy it is secured already. `getPeerX509Certificate` cannot tell: its second call has no issuers any more.
      if (socket.secureConnecting) socket.once('secureConnect', () => resolve(socket))
      else resolve(socket)
    })
  })
}

/** What the server sent, the leaf first. */
function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next = socket.getPeerX509Certificate()
  while (next && chain.length < 5) {
    chain.push(next)
    next = next.issuerCertificate
  }
  return chain
}

function sameFingerprint({ fingerprint256 }: X509Certificate, fingerprint: string): boolean {
  return fingerprint256.replaceAll(':', '').toLowerCase() === fingerprint
}
