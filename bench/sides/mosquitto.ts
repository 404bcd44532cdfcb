/** Debian's Mosquitto 2 with our configuration: a certificate is required, its CN is the username, an ACL file limits topics. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../scripts/free-port.ts'
import { makeServerCertificate, type Plant } from '../identities.ts'
import type { Target } from '../load/connections.ts'
import { type Child, startChild } from './child.ts'

/** Plain MQTT for anyone, with an ACL file. With persistence it writes its state to a file from time to time, not per message. */
export async function startPlainMosquitto(
  folder: string,
  { isPersistent = false }: { isPersistent?: boolean } = {},
): Promise<{ child: Child; port: number }> {
  const port = await freePort()
  const acl = join(folder, 'mosquitto-plain.acl')
  await writeFile(acl, 'topic readwrite bench/#\n', { mode: 0o600 })
  const config = join(folder, 'mosquitto-plain.conf')
  const settings = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    `acl_file ${acl}`,
    ...(isPersistent ? ['persistence true', `persistence_location ${folder}/`] : ['persistence false']),
    // The publisher's window is the bound: no side drops a message.
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'log_type error',
    'user root',
  ]
  await writeFile(config, `${settings.join('\n')}\n`)
  return { child: await startChild('/usr/sbin/mosquitto', ['-c', config], port), port }
}

export async function startMosquitto(plant: Plant): Promise<{ child: Child; target: Target }> {
  const port = await freePort()
  const { cert, key } = await makeServerCertificate(plant)
  const acl = join(plant.folder, 'mosquitto.acl')
  await writeFile(acl, 'pattern readwrite bench/#\n', { mode: 0o600 })
  const config = join(plant.folder, 'mosquitto.conf')
  const settings = [
    `listener ${port} 127.0.0.1`,
    `cafile ${plant.authorityFile}`,
    `certfile ${cert}`,
    `keyfile ${key}`,
    'tls_version tlsv1.3',
    'require_certificate true',
    'use_identity_as_username true',
    'allow_anonymous false',
    `acl_file ${acl}`,
    'persistence false',
    'log_type error',
    // As root, Mosquitto would switch to a user that cannot read these files.
    'user root',
  ]
  await writeFile(config, `${settings.join('\n')}\n`)
  const child = await startChild('/usr/sbin/mosquitto', ['-c', config], port)
  return { child, target: { host: '127.0.0.1', port, speaks: 'mqtt' } }
}
