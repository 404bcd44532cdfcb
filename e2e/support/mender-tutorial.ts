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

cat > ca-cert.conf <<EOF
[req]
distinguished_name = req_distinguished_name
prompt = no

[req_distinguished_name]
commonName=My CA
organizationName=My Organization
organizationalUnitName=My Unit
emailAddress=myusername@example.com
countryName=NO
localityName=Oslo
stateOrProvinceName=Oslo
EOF

openssl req -new -x509 -key ca-private.key -out ca-cert.pem -config ca-cert.conf -days $((365*10))

openssl ecparam -genkey -name P-256 -noout -out server-private.key

cat > server-cert.conf <<EOF
[req]
distinguished_name = req_distinguished_name
prompt = no

[req_distinguished_name]
commonName=${mendersServer}
organizationName=My Organization
organizationalUnitName=My Unit
emailAddress=myusername@example.com
countryName=NO
localityName=Oslo
stateOrProvinceName=Oslo
EOF

openssl req -new -key server-private.key -out server-cert.req -config server-cert.conf

openssl x509 -req -CA ca-cert.pem -CAkey ca-private.key -CAcreateserial -in server-cert.req -out server-cert.pem -days $((365*2))

openssl ecparam -genkey -name P-256 -noout -out device-private.key

cat > device-cert.conf <<EOF
[req]
distinguished_name = req_distinguished_name
prompt = no

[req_distinguished_name]
commonName=${mendersDevice}
organizationName=My Organization
organizationalUnitName=My Unit
emailAddress=myusername@example.com
countryName=NO
localityName=Oslo
stateOrProvinceName=Oslo
EOF

openssl req -new -key device-private.key -out device-cert.req -config device-cert.conf

openssl x509 -req -CA ca-cert.pem -CAkey ca-private.key -CAcreateserial -in device-cert.req -out device-cert.pem -days $((365*10))
`
