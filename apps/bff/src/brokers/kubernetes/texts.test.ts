/** Runs the generated scripts, with a `kubectl` that keeps the secrets in folders, and a real Mosquitto on the result. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HandOverSettings } from '@gatehouse/contract/brokers/kubernetes'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { connectAsync } from 'mqtt'
import { afterAll, expect, it } from 'vitest'
import { capathOf, fitsInSecret } from './capath.ts'
import { type HandOverContent, textsOf } from './texts.ts'
import { judgeTrust, trustSetOf } from './trust-set.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-kubernetes-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const settings: HandOverSettings = {
  platform: 'kubernetes',
  topology: 'cluster',
  namespace: 'plant',
  release: 'mosquitto-platform',
  serverSecret: 'mosquitto-mtls-server-tls',
  clientCaSecret: 'mosquitto-client-ca',
  port: 8883,
  requireCertificate: true,
  useIdentityAsUsername: true,
  minimumTlsVersion: '1.2',
}
const [north, south] = [makeAuthority({ subject: 'Plant CA' }), makeAuthority({ subject: 'South CA' })]
/** OpenSSL gives it the same hash as `north`. */
const namesake = makeAuthority({ subject: ' PLANT  CA' })
const stranger = makeAuthority({ subject: 'Stranger CA' })
const servers = makeAuthority({ subject: 'Server CA' })
const server = issue(servers, { subject: 'broker', alternativeNames: ['127.0.0.1'], extendedKeyUsage: ['serverAuth'] })

function contentWith(authorities: readonly Issued[], more: Partial<HandOverContent> = {}): HandOverContent {
  const capath = capathOf(authorities.map(({ fingerprint, der }) => ({ fingerprint, name: 'CA', der })))
  const trustHash = authorities.map(({ fingerprint }) => fingerprint.slice(0, 6)).join('')
  return { settings, capath, trustHash, serverCertificate: server.certificatePem, ...more }
}

function textOf(content: HandOverContent, kind: string): string {
  return textsOf(content).find((text) => text.kind === kind)?.text ?? ''
}

/** A cluster that is a folder: `create` and `replace` store what a secret contains, and other commands are noted. */
function makeCluster() {
  const place = mkdtempSync(join(folder, 'cluster-'))
  const commands = join(place, 'commands')
  writeFileSync(commands, '')
  const program = `#!/bin/sh
echo "$@" >> ${commands}
[ "$2" = secret ] || [ "$1" = replace ] || exit 0
if [ "$1" = replace ]; then name=$(cat); rm -rf ${place}/secrets/$name; mv ${place}/dry-run ${place}/secrets/$name; exit 0; fi
name=$4; target=${place}/secrets/$name
case "$*" in *--dry-run=client*) target=${place}/dry-run; echo $name;; esac
mkdir -p $target
for each in "$@"; do
  case "$each" in
    --from-file=*=*) pair=\${each#--from-file=}; cp "\${pair#*=}" "$target/\${pair%%=*}";;
    --from-file=*) cp "\${each#--from-file=}"/* "$target/";;
  esac
done
`
  const kubectl = join(place, 'kubectl')
  writeFileSync(kubectl, program)
  chmodSync(kubectl, 0o755)
  writeFileSync(join(place, 'server.key'), server.privateKeyPem)
  const run = (text: string) =>
    execFileSync('sh', ['-eu', '-c', text], {
      cwd: place,
      env: { PATH: `${place}:${process.env['PATH'] ?? ''}` },
      stdio: 'pipe',
    })
  const secret = (name: string) => join(place, 'secrets', name)
  return { place, run, secret, commands: () => readFileSync(commands, 'utf8') }
}

it('admits a device of a trusted CA to a Mosquitto with the generated secrets and conf, and no other', async () => {
  const cluster = makeCluster()
  const content = contentWith([north, namesake])
  cluster.run(textOf(content, 'serverSecret'))
  cluster.run(textOf(content, 'clientCaSecret'))
  const port = await startMosquitto(cluster, textOf(content, 'mosquittoConf'))
  expect(await canConnect(port, issue(north, { subject: 'press-1' }))).toBe(true)
  expect(await canConnect(port, issue(namesake, { subject: 'press-2' }))).toBe(true)
  expect(await canConnect(port, issue(stranger, { subject: 'press-1' }))).toBe(false)
  expect(await canConnect(port, null)).toBe(false)
})

it('admits a device of an intermediate whose root is in the secret too', async () => {
  const cluster = makeCluster()
  const intermediate = issueAuthority(north, { subject: 'Line 3' })
  const content = contentWith([north, intermediate])
  cluster.run(textOf(content, 'serverSecret'))
  cluster.run(textOf(content, 'clientCaSecret'))
  const port = await startMosquitto(cluster, textOf(content, 'mosquittoConf'))
  expect(await canConnect(port, issue(intermediate, { subject: 'press-1' }))).toBe(true)
})

it('refuses a device of a limited intermediate that sends the intermediate, although the listener trusts only its root', async () => {
  const limited = issueAuthority(north, { subject: 'Line 3' })
  const trusted = [north, south, limited].map((each) => ({
    fingerprint: each.fingerprint,
    name: 'CA',
    subject: '',
    issuer: '',
    notAfter: '2126-01-01T00:00:00Z',
    isLimited: each === limited,
    limitedBy: null,
    der: each.der,
  }))
  const { included } = trustSetOf(await judgeTrust(trusted), {
    chosen: [north.fingerprint, south.fingerprint],
    now: new Date(),
  })
  const cluster = makeCluster()
  const content = { ...contentWith([]), capath: capathOf(included) }
  cluster.run(textOf(content, 'serverSecret'))
  cluster.run(textOf(content, 'clientCaSecret'))
  const port = await startMosquitto(cluster, textOf(content, 'mosquittoConf'))
  const { certificatePem, ...device } = issue(limited, { subject: 'admin' })
  const chain = { ...device, certificatePem: certificatePem + limited.certificatePem }
  expect(await canConnect(port, chain)).toBe(false)
  expect(await canConnect(port, issue(south, { subject: 'press-1' }))).toBe(true)
})

it('leaves no file of a removed CA in the secret when it is rotated, and restarts the broker', () => {
  const cluster = makeCluster()
  cluster.run(textOf(contentWith([north, south]), 'clientCaSecret'))
  const before = readdirSync(cluster.secret(settings.clientCaSecret))
  cluster.run(textOf(contentWith([south]), 'rotateClientCa'))
  const after = readdirSync(cluster.secret(settings.clientCaSecret))
  expect(before).toHaveLength(5)
  expect(after).toHaveLength(3)
  expect(after).toContain('ca.crt')
  expect(cluster.commands()).toContain('rollout restart statefulset mosquitto -n plant')
  expect(cluster.commands()).toContain('rollout restart deployment haproxy -n plant')
  cluster.run(textOf(contentWith([south]), 'serverSecret'))
  cluster.run(textOf(contentWith([south]), 'rotateServer'))
  expect(readdirSync(cluster.secret(settings.serverSecret)).toSorted()).toEqual(['server.key', 'server.pem'])
})

it('contains no private key in any text, and says where the key is read from', () => {
  for (const { text } of textsOf(contentWith([north]))) expect(text).not.toContain('PRIVATE KEY')
  expect(textOf(contentWith([north]), 'serverSecret')).toContain('--from-file=server.key=./server.key')
  expect(textOf(contentWith([north], { serverCertificate: null }), 'serverSecret')).not.toContain('BEGIN')
})

it('writes the same files into the manifest as into the folder of the script', () => {
  const cluster = makeCluster()
  const content = contentWith([north, south])
  cluster.run(textOf(content, 'clientCaSecret'))
  const made = cluster.secret(settings.clientCaSecret)
  const entries = textOf(content, 'clientCaManifest').matchAll(/^ {2}"([^"]+)": (\S+)$/gm)
  const files = [...entries].map(([, name = '', data = '']) => [name, Buffer.from(data, 'base64').toString()])
  expect(Object.fromEntries(files)).toEqual(
    Object.fromEntries(readdirSync(made).map((name) => [name, readFileSync(join(made, name), 'utf8')])),
  )
})

it('names the chart, the client and the values of each platform and topology', () => {
  const install = (more: Partial<HandOverSettings>) =>
    textOf(contentWith([north], { settings: { ...settings, ...more } }), 'install')
  expect(install({})).toContain('./mosquitto-3.2-platform-3.2-kubernetes-cluster')
  expect(install({ topology: 'single' })).toContain('./mosquitto-3.2-platform-3.2-kubernetes-sn')
  expect(install({ topology: 'single' })).not.toContain('haproxy')
  expect(install({ platform: 'openshift' })).toContain('oc rollout restart deployment haproxy')
  expect(textOf(contentWith([north]), 'values')).toMatchInlineSnapshot(`
    "mosquitto:
      mtls:
        enabled: true
        secretName: "mosquitto-mtls-server-tls"
        createSecret: false
        clientCaSecretName: "mosquitto-client-ca"
        requireCertificate: true
        useIdentityAsUsername: true
        tlsVersion: "tlsv1.2"
      serverOnlyTls:
        enabled: false
      ports:
        secureListenerTarget: 8883
    haproxy:
      proxyProtocol:
        enabled: false
    "
  `)
})

it('says when a trust store exceeds what a secret can store', () => {
  const entry = { fingerprint: '', name: '', pem: 'x'.repeat(100_000), fileNames: ['00000000.0', '00000001.0'] }
  expect(fitsInSecret(Array.from({ length: 5 }, () => entry))).toBe(false)
  expect(fitsInSecret(Array.from({ length: 4 }, () => entry))).toBe(true)
})

/** The secrets are mounted where the conf says, below the cluster's folder. */
async function startMosquitto({ place, secret }: ReturnType<typeof makeCluster>, conf: string): Promise<number> {
  mkdirSync(join(place, 'mosquitto'))
  const port = await freePort()
  const mounted = conf
    .replaceAll('/mosquitto/config/certs', secret(settings.serverSecret))
    .replaceAll('/mosquitto/config/capath_mqtts', secret(settings.clientCaSecret))
    .replace('listener 8883', `listener ${port} 127.0.0.1`)
  const file = join(place, 'mosquitto', 'mosquitto.conf')
  writeFileSync(file, `user root\n${mounted}`)
  const child = spawn('mosquitto', ['-c', file, '-v'], { stdio: ['ignore', 'ignore', 'pipe'] })
  children.push(child)
  let log = ''
  for await (const chunk of child.stderr) {
    log += String(chunk)
    if (log.includes('running')) break
  }
  expect(log).toContain('running')
  child.stderr.resume()
  return port
}

async function canConnect(port: number, certificate: Issued | null): Promise<boolean> {
  try {
    const client = await connectAsync(`mqtts://127.0.0.1:${port}`, {
      ca: servers.certificatePem,
      ...(certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem }),
      reconnectPeriod: 0,
    })
    await client.endAsync()
    return true
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const bound = listener.address()
  listener.close()
  await once(listener, 'close')
  return typeof bound === 'object' && bound ? bound.port : 0
}
