/** Runs Debian's Mosquitto with the configuration of `docs/brokers/mosquitto.md`, on free ports and in its own folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type IssuedPems, issueServerCertificate, makeAuthority } from '@gatehouse/pki/make/issue'
import { freePort } from '../../../scripts/free-port.ts'

export const controlUser = { username: 'gatehouse', password: 'the password of the console' }

export interface MosquittoBroker {
  folder: string
  capath: string
  crlFile: string
  pidFile: string
  dynsecFile: string
  ports: { control: number; certificate: number; password: number }
  /** The CA that signed the certificate of the broker. */
  serverCa: IssuedPems
  /** Resolves when it listens. The CRL file must be there. */
  start(): Promise<void>
  /** Resolves when the process has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Everything that it has logged. */
  log(): Promise<string>
  remove(): Promise<void>
}

const guide = new URL('../../../docs/brokers/mosquitto.md', import.meta.url)

/** Makes the folder and the configuration. `edit` changes the configuration. Does not start Mosquitto. */
export async function makeMosquitto(edit: (config: string) => string = (config) => config): Promise<MosquittoBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-mosquitto-'))
  await chmod(folder, 0o755)
  const capath = join(folder, 'gatehouse', 'ca')
  await mkdir(capath, { recursive: true })
  const ports = { control: await freePort(), certificate: await freePort(), password: await freePort() }
  const dynsecFile = join(folder, 'dynamic-security.json')
  execFileSync('mosquitto_ctrl', ['dynsec', 'init', dynsecFile, controlUser.username, controlUser.password])
  const at = new Date()
  const serverCa = await makeAuthority({ commonName: 'Server CA', days: 10, at })
  const server = await issueServerCertificate({ authority: serverCa, names: ['localhost', '127.0.0.1'], days: 9, at })
  await writeFile(join(folder, 'server.crt'), server.certificatePem)
  await writeFile(join(folder, 'server.key'), server.privateKeyPem)
  const config = (await readConfig())
    .replaceAll('/etc/mosquitto/gatehouse', join(folder, 'gatehouse'))
    .replaceAll(/\/(var\/lib|run)\/mosquitto|\/etc\/mosquitto\/certs/g, folder)
    .replace('listener 1884', `listener ${ports.control}`)
    .replace('listener 8883', `listener ${ports.certificate}`)
    .replace('listener 8885', `listener ${ports.password}`)
  // Started by root, Mosquitto would become another user, who cannot read this folder.
  const own = process.getuid?.() === 0 ? 'user root\n' : ''
  await writeFile(
    join(folder, 'mosquitto.conf'),
    edit(`${own}log_dest file ${join(folder, 'log')}\nlog_type all\n${config}`),
  )
  let child: ChildProcess | null = null
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  return {
    folder,
    capath,
    crlFile: join(folder, 'gatehouse', 'crl.pem'),
    pidFile: join(folder, 'mosquitto.pid'),
    dynsecFile,
    ports,
    serverCa,
    start: async () => {
      child = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' })
      await listening(ports.control, child)
    },
    end,
    log: () => readFile(join(folder, 'log'), 'utf8'),
    remove: async () => {
      await end('SIGKILL')
      await rm(folder, { recursive: true })
    },
  }
}

async function readConfig(): Promise<string> {
  const [, block] = /```conf\n([^]*?)\n *```/.exec(await readFile(guide, 'utf8')) ?? []
  if (block === undefined) throw new Error('docs/brokers/mosquitto.md has no configuration')
  return `${block.replaceAll(/^ {3}/gm, '')}\n`
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    if (await canConnect(port)) return
    await wait(10)
  }
  throw new Error('Mosquitto did not start')
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
