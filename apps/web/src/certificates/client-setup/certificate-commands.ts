/** The lines that make a certificate for a user, and the one that tries it. A username contains no character that is special in a shell. */

import type { Listener } from '@gatehouse/contract/brokers/broker'
import { t } from '@lingui/core/macro'
import { shellWord } from './shell-quote.ts'

export interface Command {
  label: string
  line: string
}

export function certificateCommands(username: string): readonly Command[] {
  return [
    { label: t`A key, which never leaves the device`, line: `openssl genrsa -out ${username}.key 2048` },
    {
      label: t`A request with the username as Common Name`,
      line: `openssl req -new -key ${username}.key -subj "/CN=${username}" -out ${username}.csr`,
    },
    {
      label: t`Signed by the authority`,
      line: `openssl x509 -req -in ${username}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -sha256 -out ${username}.crt`,
    },
  ]
}

export interface Endpoint {
  host: string
  port: number
}

const usualPort = 8883

interface LiveBroker {
  listeners: readonly Listener[]
  publicHost: string | null
}

/** The address of the TLS listener: the configured public host, otherwise the listener's own address, otherwise the host of this page. */
export function endpointOf(broker: LiveBroker | undefined, hostname: string): Endpoint {
  const listener = broker?.listeners.find(({ tls, purpose }) => tls && purpose === 'mqtt')
  const isSomewhere = listener && !['0.0.0.0', '::', ''].includes(listener.address)
  const host = broker?.publicHost ?? (isSomewhere ? listener.address : hostname.replace(/^\[|\]$/g, ''))
  return { host, port: listener?.port ?? usualPort }
}

export function subscribeCommand(
  username: string,
  { host, port }: Endpoint,
  topic: string,
  files = { certificate: `${username}.crt`, key: `${username}.key` },
): Command {
  const proof = `--cafile authority.crt --cert ${shellWord(files.certificate)} --key ${shellWord(files.key)}`
  return {
    label: t`Try it`,
    line: `mosquitto_sub -h ${shellWord(host)} -p ${port} ${proof} -t ${shellWord(topic)} -v`,
  }
}
