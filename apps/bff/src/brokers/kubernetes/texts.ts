/**
 * The texts of a hand-over, as the guide "Mutual TLS (mTLS) on Kubernetes and OpenShift" of Cedalo's charts has them, with the
 * names of this installation. The contract admits only names that need no quotes in a shell and in YAML.
 */
import type { GeneratedHandOver, HandOverSettings } from '@gatehouse/contract/brokers/kubernetes'
import type { CapathEntry } from './capath.ts'

type Texts = GeneratedHandOver['texts']

export interface HandOverContent {
  settings: HandOverSettings
  capath: readonly CapathEntry[]
  /** Identifies the client CAs: the name of the folder that they are written to. */
  trustHash: string
  /** PEM. Null: Gatehouse does not know the server certificate of this broker. */
  serverCertificate: string | null
}

export function textsOf(content: HandOverContent): Texts {
  return [
    { kind: 'serverSecret', fileName: 'server-secret.sh', text: script(content, serverSecret(content)) },
    { kind: 'clientCaSecret', fileName: 'client-ca-secret.sh', text: script(content, clientCaSecret(content)) },
    { kind: 'clientCaManifest', fileName: 'client-ca-secret.yaml', text: clientCaManifest(content) },
    { kind: 'values', fileName: 'gatehouse-mtls-values.yaml', text: values(content) },
    { kind: 'install', fileName: 'install.sh', text: script(content, install(content)) },
    { kind: 'rotateServer', fileName: 'rotate-server.sh', text: script(content, rotateServer(content)) },
    { kind: 'rotateClientCa', fileName: 'rotate-client-ca.sh', text: script(content, rotateClientCa(content)) },
    { kind: 'verify', fileName: 'verify.sh', text: script(content, verify(content)) },
    { kind: 'mosquittoConf', fileName: 'mosquitto.conf', text: toText(conf(content)) },
  ]
}

/** Where the chart mounts the two secrets (`tlsMountPath`, `caMountPath`). */
const certificatesPath = '/mosquitto/config/certs'
const capathPath = '/mosquitto/config/capath_mqtts'

const clients = { kubernetes: 'kubectl', openshift: 'oc' } as const
const topologies = { single: 'sn', cluster: 'cluster' } as const

function clientOf({ settings }: HandOverContent): string {
  return clients[settings.platform]
}

function script({ settings }: HandOverContent, lines: readonly string[]): string {
  return toText([`NAMESPACE=${settings.namespace}`, ...lines])
}

function toText(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

/** A PEM text contains nothing that ends the document. */
function writeFile(file: string, pem: string): string[] {
  return [`cat > ${file} <<'EOF'`, ...pem.trimEnd().split('\n'), 'EOF']
}

/** The private key is never in a text: the command reads it from a file of the person. */
function serverFiles({ serverCertificate }: HandOverContent): string[] {
  return [
    ...(serverCertificate === null
      ? ['# server.pem: the certificate of the broker, then those between it and its root.']
      : writeFile('server.pem', serverCertificate)),
    '# server.key: its private key. Put the file here; it is not part of this text.',
  ]
}

function createServerSecret(content: HandOverContent): string[] {
  return [
    `${clientOf(content)} create secret generic ${content.settings.serverSecret} \\`,
    '  -n "$NAMESPACE" \\',
    '  --from-file=server.pem=./server.pem \\',
    '  --from-file=server.key=./server.key',
  ]
}

function serverSecret(content: HandOverContent): string[] {
  return [...serverFiles(content), ...createServerSecret(content)]
}

/** A folder for each state of the trust store: a file of an earlier one must not get into the secret. */
function folderOf({ trustHash }: HandOverContent): string {
  return `client-ca-${trustHash.slice(0, 12)}`
}

function clientCaFiles(content: HandOverContent): string[] {
  const folder = folderOf(content)
  const [first] = content.capath
  const lines = content.capath.flatMap(({ pem, fileNames: [name = '', ...others] }) => [
    ...writeFile(`${folder}/${name}`, pem),
    ...others.map((other) => `cp ${folder}/${name} ${folder}/${other}`),
  ])
  const readable = first ? [`cp ${folder}/${first.fileNames[0] ?? ''} ${folder}/ca.crt`] : []
  return [`mkdir -p ${folder}`, ...lines, ...readable]
}

function createClientCaSecret(content: HandOverContent): string[] {
  return [
    `${clientOf(content)} create secret generic ${content.settings.clientCaSecret} \\`,
    '  -n "$NAMESPACE" \\',
    `  --from-file=${folderOf(content)}`,
  ]
}

function clientCaSecret(content: HandOverContent): string[] {
  return [...clientCaFiles(content), ...createClientCaSecret(content)]
}

/** `replace`, where the guide has `apply`: see `piped`. */
function rotateServer(content: HandOverContent): string[] {
  return [...serverFiles(content), ...piped(content, createServerSecret(content)), ...restart(content)]
}

function rotateClientCa(content: HandOverContent): string[] {
  return [...clientCaFiles(content), ...piped(content, createClientCaSecret(content)), ...restart(content)]
}

/**
 * `apply` keeps the entries of a secret that was made by `create`, because nothing says that they were applied before: a CA that
 * was removed would stay trusted. It also refuses more than 256 KiB. `replace` stores exactly what is given.
 */
function piped(content: HandOverContent, create: readonly string[]): string[] {
  return [
    ...create.map((line, at) => (at === create.length - 1 ? `${line} \\` : line)),
    `  --dry-run=client -o yaml | ${clientOf(content)} replace -f -`,
  ]
}

function restart(content: HandOverContent): string[] {
  return [`${clientOf(content)} rollout restart statefulset mosquitto -n "$NAMESPACE"`, ...restartProxy(content)]
}

function restartProxy(content: HandOverContent): string[] {
  if (content.settings.topology === 'single') return []
  return [`${clientOf(content)} rollout restart deployment haproxy -n "$NAMESPACE"`]
}

function install(content: HandOverContent): string[] {
  const { release, platform, topology } = content.settings
  return [
    `helm upgrade --install ${release} ./mosquitto-3.2-platform-3.2-${platform}-${topologies[topology]} \\`,
    '  -n "$NAMESPACE" \\',
    '  -f values.yaml \\',
    '  -f gatehouse-mtls-values.yaml',
    ...restartProxy(content),
  ]
}

function values({ settings }: HandOverContent): string {
  const { topology, serverSecret: server, clientCaSecret: clientCa } = settings
  return toText([
    'mosquitto:',
    '  mtls:',
    '    enabled: true',
    `    secretName: "${server}"`,
    '    createSecret: false',
    `    clientCaSecretName: "${clientCa}"`,
    `    requireCertificate: ${settings.requireCertificate}`,
    `    useIdentityAsUsername: ${settings.useIdentityAsUsername}`,
    `    tlsVersion: "${tlsVersionOf(settings)}"`,
    '  serverOnlyTls:',
    '    enabled: false',
    '  ports:',
    `    secureListenerTarget: ${settings.port}`,
    ...(topology === 'cluster' ? ['haproxy:', '  proxyProtocol:', '    enabled: false'] : []),
  ])
}

function tlsVersionOf({ minimumTlsVersion }: HandOverSettings): string {
  return minimumTlsVersion === null ? '' : `tlsv${minimumTlsVersion}`
}

/** What the chart makes of the values. */
function conf({ settings }: HandOverContent): string[] {
  const tlsVersion = tlsVersionOf(settings)
  return [
    `listener ${settings.port}`,
    'protocol mqtt',
    `certfile ${certificatesPath}/server.pem`,
    `keyfile ${certificatesPath}/server.key`,
    `capath ${capathPath}`,
    `require_certificate ${settings.requireCertificate}`,
    ...(settings.useIdentityAsUsername ? ['use_identity_as_username true'] : []),
    ...(tlsVersion ? [`tls_version ${tlsVersion}`] : []),
  ]
}

function verify(content: HandOverContent): string[] {
  const run = `${clientOf(content)} exec mosquitto-0 -n "$NAMESPACE" --`
  return [
    `${run} ls -la ${certificatesPath}/`,
    `${run} ls -la ${capathPath}/`,
    `${run} grep -A 15 "listener.*${content.settings.port}" /mosquitto/config/mosquitto.conf`,
  ]
}

/**
 * The manifest of the client CA secret, for a repository: CA certificates are public. `data` and not `stringData`: where a key of
 * `stringData` goes, `apply` leaves it in the secret, and the CA stays trusted.
 */
function clientCaManifest({ settings, capath }: HandOverContent): string {
  const [first] = capath
  const files = [
    ...(first ? [{ name: 'ca.crt', pem: first.pem }] : []),
    ...capath.flatMap(({ pem, fileNames }) => fileNames.map((name) => ({ name, pem }))),
  ]
  return toText([
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: "${settings.clientCaSecret}"`,
    `  namespace: "${settings.namespace}"`,
    'type: Opaque',
    files.length === 0 ? 'data: {}' : 'data:',
    // Quoted: YAML 1.1 reads a name such as 12345678.0 as a number.
    ...files.map(({ name, pem }) => `  "${name}": ${Buffer.from(pem).toString('base64')}`),
  ])
}
