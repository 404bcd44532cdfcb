/** Fetches the enforcers' CA from the console, and accepts it only by the fingerprint in the token. */

import { X509Certificate } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import { enforcerServerName } from '@gatehouse/contract/brokers/enforcer-protocol'
import { WrongAnswer } from './console-fault.ts'

const withinMs = 20_000

/**
 * Returns the PEM of the CA. Nothing is sent on this connection, so it does not matter that nothing is verified on it: the
 * enrolment uses another one that trusts only this CA.
 */
export async function fetchPinnedAuthority(url: string, fingerprint: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 443 : Number(port),
    servername: enforcerServerName,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: false,
  })
  try {
    await secured(socket)
    const found = chainOf(socket).find((certificate) => sameFingerprint(certificate, fingerprint))
    if (!found) throw new WrongAnswer('the server there is not the console that made this token')
    return found.toString()
  } finally {
    socket.destroy()
  }
}

function secured(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject)
    socket.setTimeout(withinMs, () => {
      reject(Object.assign(new Error('The console does not answer'), { code: 'ETIMEDOUT' }))
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
