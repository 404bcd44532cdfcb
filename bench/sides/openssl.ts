/** The floor: a TLS server that does nothing but ask for a certificate and verify it. */
import { makeServerCertificate, type Plant } from '../identities.ts'
import type { Target } from '../load/connections.ts'
import { type Child, freePort, startChild } from './child.ts'

export async function startOpensslServer(plant: Plant): Promise<{ child: Child; target: Target }> {
  const port = await freePort()
  const { cert, key } = await makeServerCertificate(plant)
  const files = ['-cert', cert, '-key', key, '-CAfile', plant.authorityFile]
  // No tickets, as on our listener: a client that comes back proves itself again.
  const rules = ['-Verify', '1', '-verify_return_error', '-tls1_3', '-num_tickets', '0', '-quiet']
  const child = await startChild('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...files, ...rules], port)
  return { child, target: { host: '127.0.0.1', port, speaks: 'handshake' } }
}
