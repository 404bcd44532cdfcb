/** A real Mosquitto with the configuration of `docs/brokers/mosquitto.md`, in its own folder and on free ports. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openssl } from './openssl.ts'
import { end, follow, succeed } from './outside.ts'
import { freePort } from './server.ts'

export const brokerUser = { username: 'gatehouse', password: 'the password of the console' }

export interface MosquittoBroker {
  /** Below it the console writes. */
  shared: string
  capath: string
  crlFile: string
  pidFile: string
  dynsecFile: string
  ports: { control: number; certificate: number; password: number }
  /** PEM of its self-signed server certificate. */
  caFile: string
  /** Resolves when it listens. */
  start(): Promise<void>
  kill(signal: NodeJS.Signals): Promise<void>
}

const guide = new URL('../../docs/brokers/mosquitto.md', import.meta.url)

/** Makes it in this folder. It does not start without the CRL file. */
export async function makeMosquitto(folder: string): Promise<MosquittoBroker> {
  await chmod(folder, 0o755)
  const shared = join(folder, 'gatehouse')
  const capath = join(shared, 'ca')
  await mkdir(capath, { recursive: true })
  const ports = {
    control: Number(await freePort()),
    certificate: Number(await freePort()),
    password: Number(await freePort()),
  }
  const dynsecFile = join(shared, 'dynamic-security.json')
  await succeed('mosquitto_ctrl', ['dynsec', 'init', dynsecFile, brokerUser.username, brokerUser.password])
  const caFile = join(folder, 'server.crt')
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const files = ['-newkey', 'rsa:2048', '-nodes', '-keyout', join(folder, 'server.key'), '-out', caFile]
  await openssl(['req', '-x509', ...files, '-subj', '/CN=localhost', '-addext', names, '-days', '30'])
  const config = join(folder, 'mosquitto.conf')
  await writeFile(config, await configuration(folder, { shared, dynsecFile, ports }))
  let child: ChildProcess | undefined
  return {
    shared,
    capath,
    crlFile: join(shared, 'crl.pem'),
    pidFile: join(folder, 'mosquitto.pid'),
    dynsecFile,
    ports,
    caFile,
    start: async () => {
      child = follow('mosquitto', ['-c', config], () => {})
      await listening(ports.control, child)
    },
    kill: async (signal) => {
      if (child) await end(child, signal)
      child = undefined
    },
  }
}

async function configuration(
  folder: string,
  { shared, dynsecFile, ports }: Pick<MosquittoBroker, 'shared' | 'dynsecFile' | 'ports'>,
): Promise<string> {
  const [, block = ''] = /```conf\n([^]*?)\n *```/.exec(await readFile(guide, 'utf8')) ?? []
  // Started by root, Mosquitto would become a user who cannot read this folder.
  const own = process.getuid?.() === 0 ? 'user root\n' : ''
  return `${own}log_dest none\n${block.replaceAll(/^ {3}/gm, '')}\n`
    .replaceAll('/etc/mosquitto/gatehouse', shared)
    .replaceAll('/var/lib/mosquitto/dynamic-security.json', dynsecFile)
    .replaceAll(/\/(var\/lib|run)\/mosquitto|\/etc\/mosquitto\/certs/g, folder)
    .replace('listener 1884', `listener ${ports.control}`)
    .replace('listener 8883', `listener ${ports.certificate}`)
    .replace('listener 8885', `listener ${ports.password}`)
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (isOpen) return
    await wait(20)
  }
  throw new Error('Mosquitto did not start')
}
