/** A Mosquitto with the dynamic-security plugin, and the agent of Gatehouse beside it, as docs/brokers/agent.md describes them. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import type { Call } from '@gatehouse/contract/client'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { freePort } from '../../scripts/free-port.ts'
import { makeServerCertificate, type Plant } from '../identities.ts'
import type { Target } from '../load/connections.ts'
import { startChild } from './child.ts'

const root = resolve(import.meta.dirname, '../..')
const node = join(root, 'node_modules/node/bin/node')
const program = join(root, 'apps/bff/src/agent.ts')
const control = { username: 'gatehouse', password: 'the password of the console' }
const plugin = '/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so'

export interface AgentSide {
  target: Target
  stop(): Promise<void>
}

/** Resolves when the agent has reported that Mosquitto enforces everything. `fingerprint`: of the plant's CA. */
export async function startAgentSide(
  call: Call,
  { plant, fingerprint }: { plant: Plant; fingerprint: string },
): Promise<AgentSide> {
  const ports = { control: await freePort(), certificate: await freePort() }
  const settings = { ports: { certificate: ports.certificate, password: null } }
  const { id } = await call(brokers.create, { body: { kind: 'mosquitto-agent', name: 'bench-hall', settings } })
  await call(revocationLists.create, { params: { fingerprint }, body: { crl: crlOf(plant) } })
  const { config, env } = await writeConfig(plant, ports)
  const { command } = await call(enforcers.enrol, { params: { id } })
  const [, token = '', address = ''] = /^GATEHOUSE_AGENT_TOKEN=(\S+) .* (\S+)$/.exec(command) ?? []
  execFileSync(node, [program, 'enrol', address], { env: { ...env, GATEHOUSE_AGENT_TOKEN: token }, stdio: 'ignore' })
  const agent = spawn(node, [program], { env, stdio: 'ignore' })
  process.on('exit', () => agent.kill('SIGKILL'))
  // The first report: Mosquitto does not start without the CRL file, which the agent has written then.
  await until(async () => Boolean((await view(call, id))?.inventory))
  const mosquitto = await startChild('/usr/sbin/mosquitto', ['-c', config], ports.control)
  await until(async () => (await view(call, id))?.problems.length === 0)
  return {
    target: { host: '127.0.0.1', port: ports.certificate, speaks: 'mqtt' },
    stop: async () => {
      agent.kill('SIGKILL')
      await mosquitto.stop()
      await call(brokers.remove, { params: { id } })
    },
  }
}

async function writeConfig(plant: Plant, ports: { control: number; certificate: number }) {
  const { folder } = plant
  const { cert, key } = await makeServerCertificate(plant)
  const [capath, crlFile, pidFile] = [join(folder, 'ca'), join(folder, 'crl.pem'), join(folder, 'mosquitto.pid')]
  const [dynsec, passwordFile] = [join(folder, 'dynsec.json'), join(folder, 'control-password')]
  await mkdir(capath)
  await writeFile(passwordFile, control.password, { mode: 0o600 })
  execFileSync('mosquitto_ctrl', ['dynsec', 'init', dynsec, control.username, control.password])
  const lines = [
    'per_listener_settings false',
    'allow_anonymous false',
    'set_tcp_nodelay true',
    `pid_file ${pidFile}`,
    `plugin ${plugin}`,
    `plugin_opt_config_file ${dynsec}`,
    `listener ${ports.control} 127.0.0.1`,
    `listener ${ports.certificate} 127.0.0.1`,
    `certfile ${cert}`,
    `keyfile ${key}`,
    `capath ${capath}`,
    `crlfile ${crlFile}`,
    'require_certificate true',
    'use_identity_as_username true',
    'log_type error',
    'user root',
  ]
  const config = join(folder, 'mosquitto-dynsec.conf')
  await writeFile(config, `${lines.join('\n')}\n`)
  const env = {
    PATH: process.env['PATH'],
    GATEHOUSE_AGENT_STATE_DIR: join(folder, 'agent'),
    GATEHOUSE_AGENT_CAPATH: capath,
    GATEHOUSE_AGENT_CRL_FILE: crlFile,
    GATEHOUSE_AGENT_PID_FILE: pidFile,
    GATEHOUSE_AGENT_CONTROL_URL: `mqtt://127.0.0.1:${ports.control}`,
    GATEHOUSE_AGENT_CONTROL_USERNAME: control.username,
    GATEHOUSE_AGENT_CONTROL_PASSWORD_FILE: passwordFile,
  }
  return { config, env }
}

/** A Mosquitto that checks revocations admits nobody of a CA without a CRL. */
export function crlOf({ authority }: Plant): string {
  const hour = 3_600_000
  const dates = { thisUpdate: new Date(Date.now() - hour), nextUpdate: new Date(Date.now() + 24 * hour) }
  const base64 = Buffer.from(makeRevocationList(authority, dates)).toString('base64')
  return `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`
}

async function view(call: Call, id: string) {
  return (await call(enforcers.view, { params: { id } })).enforcer
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await isTrue()) return
    await wait(100)
  }
  throw new Error('The agent did not report in time')
}
