/** What a hand-over is for: another broker, or one of our listeners, whose rules a Mosquitto takes over. */
import type { HandOverSettings, HandOverTarget } from '@gatehouse/contract/brokers/kubernetes'
import type { Db } from '../../platform/db/open.ts'
import { findBroker } from '../inventory/store.ts'
import type { ListenerRecord } from '../listeners/listener.ts'
import { describeCertificate } from '../listeners/server-certificate.ts'
import { findRecord } from '../listeners/store.ts'

export interface Target {
  of: HandOverTarget
  name: string
  /** Fingerprints. Null: all authorities of the trust store. */
  trustedAuthorities: readonly string[] | null
  /** Null: Gatehouse does not know it. */
  serverCertificate: { certificate: string; fingerprint: string } | null
  defaults: HandOverSettings
}

export interface TargetContext {
  reader: Db
  /** PEM: the server certificate of listeners that have none of their own. */
  commonCertificate(): string
}

export async function findTarget(context: TargetContext, of: HandOverTarget): Promise<Target | null> {
  if (of.kind === 'broker') {
    const broker = await findBroker(context.reader, of.id)
    return (
      broker && { of, name: broker.name, trustedAuthorities: null, serverCertificate: null, defaults: chartDefaults }
    )
  }
  const record = await findRecord(context.reader, of.id)
  return record && listenerTarget(context, record)
}

function listenerTarget({ commonCertificate }: TargetContext, record: ListenerRecord): Target {
  const { id, name, port, clientCertificate, identity, minimumTlsVersion, trustedAuthorities, certificate } = record
  return {
    of: { kind: 'listener', id },
    name,
    trustedAuthorities,
    serverCertificate: describeCertificate(certificate ?? commonCertificate()),
    defaults: {
      ...chartDefaults,
      port: port || chartDefaults.port,
      // Mosquitto cannot accept either on one port: without the requirement it does not ask for a certificate.
      requireCertificate: clientCertificate !== 'ignored',
      useIdentityAsUsername: identity === 'certificate',
      minimumTlsVersion,
    },
  }
}

/** The names and the port of the chart. */
const chartDefaults: HandOverSettings = {
  platform: 'kubernetes',
  topology: 'single',
  namespace: 'default',
  release: 'mosquitto-platform',
  serverSecret: 'mosquitto-mtls-server-tls',
  clientCaSecret: 'mosquitto-client-ca',
  port: 8883,
  requireCertificate: true,
  useIdentityAsUsername: true,
  minimumTlsVersion: null,
}
