/** The lower bound: a TLS server that only asks for a certificate and verifies it. */

import { freePort } from '../../scripts/free-port.ts'
import { makeServerCertificate, type Plant } from '../identities.ts'
import type { Target } from '../load/connections.ts'
import { type Child, startChild } from './child.ts'

export async function startOpensslServer(plant: Plant): Promise<{ child: Child; target: Target }> {
  const port = await freePort()
  const { cert, key } = await makeServerCertificate(plant)
  const files = ['-cert', cert, '-key', key, '-CAfile', plant.authorityFile]
  // No session tickets, as on our listener.
  const rules = ['-Verify', '1', '-verify_return_error', '-tls1_3', '-num_tickets', '0', '-quiet']
  const child = await startChild('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...files, ...rules], port)
  return { child, target: { host: '127.0.0.1', port, speaks: 'handshake' } }
}
