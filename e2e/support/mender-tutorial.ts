/** Makes certificates with the commands of a common tutorial (docs.mender.io, "Mutual TLS authentication"). */
import { join } from 'node:path'
import type { KeyPair } from './openssl.ts'
import { succeed } from './outside.ts'

/** The names of the device and of the server in the tutorial. */
export const mendersDevice = 'my-device-hostname.com'
export const mendersServer = 'my-server.com'

export async function followMender(folder: string): Promise<{ authority: string; server: KeyPair; device: KeyPair }> {
  await succeed('sh', ['-e', '-c', commands], folder)
  return {
    authority: join(folder, 'ca-cert.pem'),
    server: { key: join(folder, 'server-private.key'), certificate: join(folder, 'server-cert.pem') },
    device: { key: join(folder, 'device-private.key'), certificate: join(folder, 'device-cert.pem') },
  }
}

const commands = `
openssl ecparam -genkey -name P-256 -noout -out ca-private.key

${writeConfig('ca-cert', 'My CA')}

openssl req -new -x509 -key ca-private.key -out ca-cert.pem -config ca-cert.conf -days $((365*10))

${issue('server', { commonName: mendersServer, years: 2 })}

${issue('device', { commonName: mendersDevice, years: 10 })}
`

function writeConfig(file: string, commonName: string): string {
  return `cat > ${file}.conf <<EOF
[req]
distinguished_name = req_distinguished_name
prompt = no

[req_distinguished_name]
commonName=${commonName}
organizationName=My Organization
organizationalUnitName=My Unit
emailAddress=myusername@example.com
countryName=NO
localityName=Oslo
stateOrProvinceName=Oslo
EOF`
}

function issue(name: string, { commonName, years }: { commonName: string; years: number }): string {
  return `openssl ecparam -genkey -name P-256 -noout -out ${name}-private.key

${writeConfig(`${name}-cert`, commonName)}

openssl req -new -key ${name}-private.key -out ${name}-cert.req -config ${name}-cert.conf

openssl x509 -req -CA ca-cert.pem -CAkey ca-private.key -CAcreateserial -in ${name}-cert.req -out ${name}-cert.pem -days $((365*${years}))`
}
