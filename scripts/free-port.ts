/** Chooses a port for a server of a test that must keep it over a restart. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A port below those that Linux gives to outgoing connections and to servers that take any port (32768 and up). Nothing takes it between the
 * choice and the start, or between a stop and the next start. Chromium refuses some ports up to 10080.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(11_000, 32_768)
  return (await isFree(port)) ? port : freePort()
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer()
    probe.once('error', () => done(false))
    probe.listen(port, () => probe.close(() => done(true)))
  })
}
