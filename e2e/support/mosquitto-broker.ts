/** Debian's Mosquitto with the configuration of `docs/brokers/mosquitto.md`, on free ports and in its own folder. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openssl } from './openssl.ts'
import { end, follow, succeed } from './outside.ts'
import { freePort } from './server.ts'

export const controlUser = { username: 'gatehouse', password: 'the password of the console' }

export interface MosquittoBroker {
  folder: string
  capath: string
  crlFile: string
  pidFile: string
  dynsecFile: string
  ports: Ports
  /** PEM of its self-signed server certificate. */
  caFile: string
  /** Resolves when it listens. The CRL file must be there. */
  start(): Promise<void>
  /** Resolves when the process has ended. */
  end(signal: NodeJS.Signals): Promise<void>
  remove(): Promise<void>
}

interface Ports {
  control: number
  certificate: number
  password: number
}

const guide = new URL('../../docs/brokers/mosquitto.md', import.meta.url)

/** Makes the folder and the configuration. Does not start Mosquitto. */
export async function makeMosquitto(): Promise<MosquittoBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-mosquitto-'))
  await chmod(folder, 0o755)
  const capath = join(folder, 'gatehouse', 'ca')
  await mkdir(capath, { recursive: true })
  const dynsecFile = join(folder, 'dynamic-security.json')
  await succeed('mosquitto_ctrl', ['dynsec', 'init', dynsecFile, controlUser.username, controlUser.password])
  const ports = await choosePorts()
  const caFile = await makeServerCertificate(folder)
  const config = await writeConfig(folder, ports)
  let child: ChildProcess | undefined
  const stop = async (signal: NodeJS.Signals) => {
    if (child) await end(child, signal)
  }
  return {
    folder,
    capath,
    crlFile: join(folder, 'gatehouse', 'crl.pem'),
    pidFile: join(folder, 'mosquitto.pid'),
    dynsecFile,
    ports,
    caFile,
    start: async () => {
      const lines: string[] = []
      child = follow('mosquitto', ['-c', config], (line) => lines.push(line))
      // The last port that it opens.
      if (!(await isListening(ports.password, child))) throw new Error(`Mosquitto did not start:\n${lines.join('\n')}`)
    },
    end: stop,
    remove: async () => {
      await stop('SIGKILL')
      await rm(folder, { recursive: true })
    },
  }
}

async function choosePorts(): Promise<Ports> {
  const [control, certificate, password] = [await freePort(), await freePort(), await freePort()].map(Number)
  return { control: control ?? 0, certificate: certificate ?? 0, password: password ?? 0 }
}

async function makeServerCertificate(folder: string): Promise<string> {
  const certificate = join(folder, 'server.crt')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'server.key')]
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  await openssl(['req', '-x509', ...key, ...names, '-days', '30', '-out', certificate])
  return certificate
}

async function writeConfig(folder: string, ports: Ports): Promise<string> {
  const [, block] = /```conf\n([^]*?)\n *```/.exec(await readFile(guide, 'utf8')) ?? []
  if (block === undefined) throw new Error('docs/brokers/mosquitto.md has no configuration')
  const text = `${block.replaceAll(/^ {3}/gm, '')}\n`
    .replaceAll('/etc/mosquitto/gatehouse', join(folder, 'gatehouse'))
    .replaceAll(/\/(var\/lib|run)\/mosquitto|\/etc\/mosquitto\/certs/g, folder)
    .replace('listener 1884', `listener ${ports.control}`)
    .replace('listener 8883', `listener ${ports.certificate}`)
    .replace('listener 8885', `listener ${ports.password}`)
  // Started by root, Mosquitto would become another user, who cannot read this folder.
  const own = process.getuid?.() === 0 ? 'user root\n' : ''
  const file = join(folder, 'mosquitto.conf')
  await writeFile(file, `${own}log_dest stderr\nlog_type error\n${text}`)
  return file
}

/** False: it has ended. */
async function isListening(port: number, child: ChildProcess): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return true
    await wait(20)
  }
  return false
}
