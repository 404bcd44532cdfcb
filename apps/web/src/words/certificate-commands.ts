/** The lines that make a certificate for a user, and the one that tries it. A username has no character that a shell minds. */
import type { Permission } from '@gatehouse/contract/permissions'

export interface Command {
  label: string
  line: string
}

export function certificateCommands(username: string): readonly Command[] {
  return [
    { label: 'A key, which never leaves the machine', line: `openssl genrsa -out ${username}.key 2048` },
    {
      label: 'A request with the username as Common Name',
      line: `openssl req -new -key ${username}.key -subj "/CN=${username}" -out ${username}.csr`,
    },
    {
      label: 'Signed by the authority',
      line: `openssl x509 -req -in ${username}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -sha256 -out ${username}.crt`,
    },
  ]
}

export interface Endpoint {
  host: string
  port: number
}

export function subscribeCommand(username: string, { host, port }: Endpoint, topic: string): Command {
  return {
    label: 'Try it',
    line: `mosquitto_sub -h ${host} -p ${port} --cafile authority.crt --cert ${username}.crt --key ${username}.key -t '${topic}' -v`,
  }
}

/** The first filter that these permissions let one subscribe to; none that would end the quotes around it. */
export function readableTopic(permissions: readonly Permission[]): string | undefined {
  return permissions.find(
    ({ context, operation, resource }) =>
      context === 'mqtt' && operation !== 'write' && resource !== '' && !/['\p{Cc}]/u.test(resource),
  )?.resource
}
