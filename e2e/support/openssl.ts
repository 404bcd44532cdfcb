/** The `openssl` command line, with the commands of tutorials. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { succeed } from './outside.ts'

export type KeyKind = 'RSA 2048' | 'ECDSA P-256' | 'Ed25519'

/** Paths of PEM files. */
export interface KeyPair {
  key: string
  certificate: string
}

export interface Subject {
  commonName: string
  organizationName?: string
}

/** A self-signed CA. Without extensions, as in the tutorials, OpenSSL 3.0 makes an X.509 v1 certificate. */
export async function makeAuthority(
  folder: string,
  name: string,
  subject: Subject,
  kind: KeyKind = 'RSA 2048',
  days = 3650,
) {
  const pair = { key: await makeKey(folder, name, kind), certificate: join(folder, `${name}-cert.pem`) }
  const config = await writeConfig(folder, name, subject)
  const files = ['-key', pair.key, '-out', pair.certificate, '-config', config]
  await openssl(['req', '-new', '-x509', ...files, '-days', String(days)])
  return pair
}

/** A usual CA: X.509 v3 with CA:TRUE. */
export async function makeModernAuthority(
  folder: string,
  name: string,
  commonName: string,
  kind: KeyKind = 'ECDSA P-256',
) {
  const pair = { key: await makeKey(folder, name, kind), certificate: join(folder, `${name}-cert.pem`) }
  const extensions = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]
  const files = ['-key', pair.key, '-out', pair.certificate]
  await openssl(['req', '-new', '-x509', ...files, '-subj', `/CN=${commonName}`, ...extensions, '-days', '3650'])
  return pair
}

/** Expired yesterday. */
export async function makeExpiredAuthority(folder: string, name: string, commonName: string): Promise<KeyPair> {
  const { key, request } = await makeRequest(folder, name, { commonName }, 'RSA 2048')
  const extensions = join(folder, `${name}-extensions.conf`)
  await writeFile(extensions, 'basicConstraints=critical,CA:TRUE\n')
  const certificate = join(folder, `${name}-cert.pem`)
  const files = ['-in', request, '-signkey', key, '-out', certificate, '-extfile', extensions]
  await openssl(['x509', '-req', ...files, '-days', '-1'])
  return { key, certificate }
}

/** A key, a request and a certificate signed by the authority, for a device. */
export async function makeDevice(
  folder: string,
  name: string,
  subject: Subject,
  authority: KeyPair,
  kind: KeyKind = 'ECDSA P-256',
) {
  const { key, request } = await makeRequest(folder, name, subject, kind)
  return { key, certificate: await sign(folder, name, request, authority) }
}

/** A CA below another CA. */
export async function makeIntermediate(
  folder: string,
  name: string,
  subject: Subject,
  authority: KeyPair,
  kind: KeyKind = 'RSA 2048',
) {
  const { key, request } = await makeRequest(folder, name, subject, kind)
  const extensions = join(folder, `${name}-extensions.conf`)
  await writeFile(extensions, 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n')
  return { key, certificate: await sign(folder, name, request, authority, ['-extfile', extensions]) }
}

/** One file with several certificates, in this order: a leaf with its chain, or a bundle of authorities. */
export async function bundle(path: string, certificates: string[]): Promise<string> {
  const contents = await Promise.all(certificates.map((certificate) => readFile(certificate, 'utf8')))
  await writeFile(path, contents.join(''))
  return path
}

async function makeKey(folder: string, name: string, kind: KeyKind): Promise<string> {
  const key = join(folder, `${name}-private.key`)
  const commands: Record<KeyKind, string[]> = {
    'RSA 2048': ['genrsa', '-out', key, '2048'],
    'ECDSA P-256': ['ecparam', '-genkey', '-name', 'P-256', '-noout', '-out', key],
    Ed25519: ['genpkey', '-algorithm', 'ed25519', '-out', key],
  }
  await openssl(commands[kind])
  return key
}

async function makeRequest(folder: string, name: string, subject: Subject, kind: KeyKind) {
  const key = await makeKey(folder, name, kind)
  const request = join(folder, `${name}-cert.req`)
  const config = await writeConfig(folder, name, subject)
  await openssl(['req', '-new', '-key', key, '-out', request, '-config', config])
  return { key, request }
}

async function sign(folder: string, name: string, request: string, authority: KeyPair, extensions: string[] = []) {
  const certificate = join(folder, `${name}-cert.pem`)
  const by = ['-CA', authority.certificate, '-CAkey', authority.key, '-CAcreateserial']
  await openssl(['x509', '-req', ...by, '-in', request, '-out', certificate, '-days', '365', ...extensions])
  return certificate
}

async function writeConfig(folder: string, name: string, subject: Subject): Promise<string> {
  const path = join(folder, `${name}-cert.conf`)
  const lines = Object.entries(subject).map(([field, value]) => `${field}=${value}`)
  const head =
    '[req]\ndistinguished_name = req_distinguished_name\nprompt = no\nutf8 = yes\n\n[req_distinguished_name]\n'
  await writeFile(path, `${head}${lines.join('\n')}\n`)
  return path
}

/** SHA-256 in the format of the console. */
export async function fingerprintOf(certificate: string): Promise<string> {
  const line = await openssl(['x509', '-in', certificate, '-noout', '-fingerprint', '-sha256'])
  return line.trim().replace(/^.*=/, '').replaceAll(':', '').toLowerCase()
}

export function openssl(args: string[]): Promise<string> {
  return succeed('openssl', args)
}

/** The CRL (PEM) of an authority run with `openssl ca` that revoked these certificates. */
export async function makeRevocationList(
  folder: string,
  name: string,
  authority: KeyPair,
  { revoked, number }: { revoked: readonly KeyPair[]; number: string },
): Promise<string> {
  const file = (ending: string) => join(folder, `${name}-${ending}`)
  const settings = [
    '[ca]\ndefault_ca=own\n[own]\ndefault_md=sha256\ndefault_crl_days=30',
    `database=${file('index.txt')}\ncrlnumber=${file('number')}`,
    `certificate=${authority.certificate}\nprivate_key=${authority.key}`,
  ]
  await writeFile(file('index.txt'), '')
  await writeFile(file('number'), `${number}\n`)
  await writeFile(file('ca.conf'), `${settings.join('\n')}\n`)
  const ca = (...args: string[]) => openssl(['ca', '-config', file('ca.conf'), ...args])
  for (const { certificate } of revoked) await ca('-revoke', certificate, '-crl_reason', 'keyCompromise')
  await ca('-gencrl', '-out', file('list.pem'))
  return file('list.pem')
}
