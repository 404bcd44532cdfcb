/**
 * The texts for the operator of a device or a cluster, ready to be pasted: shell lines, Helm values, the configuration of another
 * broker. Every name in them is untrusted input.
 */
import { t } from '@lingui/core/macro'
import { type Endpoint, subscribeCommand } from './certificate-commands.ts'
import { helmTrust, helmValues } from './helm-values.ts'
import { onlyPem } from './pem-blocks.ts'
import { shellWord, writeFileLines } from './shell-quote.ts'

/** Where it will run. */
export interface Cluster {
  namespace: string
  /** Of the Helm chart `connectware-agent`. */
  release: string
}

/** Names of the files that were saved. */
export interface PairFiles {
  certificate: string
  key: string
}

export interface Snippet {
  label: string
  text: string
}

/** By where they are used. */
export interface Snippets {
  mosquitto: Snippet[]
  kubernetes: Snippet[]
  helm: Snippet[]
}

export interface UserHandOver {
  username: string
  files: PairFiles
  endpoint: Endpoint
  cluster: Cluster
  /** A filter that the user may subscribe to. */
  topic: string
  /** PEM: those by which a client knows this server. */
  caChain: string
}

/** What `GET /api/authorities/built-in.pem` is saved as everywhere. */
export const authorityFile = 'authority.crt'

export function userSnippets(given: UserHandOver): Snippets {
  const { username, files, endpoint, topic, caChain } = given
  const agent = { username, host: endpoint.host, caChain, keyPair: { existingSecret: secretName(given) } }
  return {
    mosquitto: [{ ...asSnippet(subscribeCommand(username, endpoint, topic, files)), label: t`Subscribe` }],
    kubernetes: [
      { label: t`The key pair as a secret`, text: secretLine(given) },
      {
        label: t`The authority of this server as a ConfigMap`,
        text: configMapLine(given.cluster, authorityFile),
      },
    ],
    helm: [{ label: t`Values of the chart connectware-agent`, text: helmValues(agent) }],
  }
}

function asSnippet({ label, line }: { label: string; line: string }): Snippet {
  return { label, text: line }
}

/** As the chart expects it: then its values need not name it. */
function secretName({ username, cluster: { release } }: UserHandOver): string {
  return kubernetesName(`${release}-${username}-mtls`)
}

function configMapName({ release }: Cluster): string {
  return kubernetesName(`${release}-mtls-ca-cert`)
}

const longestName = 253

/** A DNS subdomain without dots (RFC 1123), which is what Kubernetes takes as a name: of `Press_3.a` it is `press-3-a`. */
export function kubernetesName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longestName)
    .replace(/^-+|-+$/g, '')
  return name || 'gatehouse'
}

function secretLine(given: UserHandOver): string {
  const { files, cluster } = given
  const sources = [`--cert=${shellWord(files.certificate)}`, `--key=${shellWord(files.key)}`]
  return [kubectl(cluster), 'create secret tls', secretName(given), ...sources].join(' ')
}

function configMapLine(cluster: Cluster, file: string): string {
  return `${kubectl(cluster)} create configmap ${configMapName(cluster)} --from-file=ca-chain.pem=${shellWord(file)}`
}

function kubectl({ namespace }: Cluster): string {
  return `kubectl -n ${kubernetesName(namespace)}`
}

function toText(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

export interface AuthorityFiles {
  /** The authority first, then those above it; `stem` is what its file is called, without the ending. */
  chain: readonly { stem: string; pem: string }[]
  cluster: Cluster
}

export function authoritySnippets(given: AuthorityFiles): Snippets {
  const { chain, cluster } = given
  const all = chain.map(({ pem }) => pem).join('\n')
  return {
    mosquitto: [
      { label: t`A capath with hashed names`, text: capathScript(given) },
      { label: 'mosquitto.conf', text: mosquittoListener },
    ],
    kubernetes: [
      { label: t`The capath as a secret, after the script for Mosquitto`, text: capathSecret(given) },
      {
        label: t`A ConfigMap for agents`,
        text: toText([...writeFileLines('ca-chain.pem', onlyPem(all)), configMapLine(cluster, 'ca-chain.pem')]),
      },
    ],
    helm: [{ label: t`Values of the chart connectware-agent`, text: helmTrust(all) }],
  }
}

const capath = 'capath'

/** OpenSSL finds an authority there by the hash of its subject; `-compat` makes the names of older versions too. */
function capathScript({ chain }: AuthorityFiles): string {
  return toText([
    `mkdir -p ${capath}`,
    ...chain.flatMap(({ stem, pem }) => writeFileLines(`${capath}/${stem}.pem`, onlyPem(pem))),
    `openssl rehash -compat ${capath}`,
  ])
}

const mosquittoListener = toText([
  'listener 8883',
  'certfile /mosquitto/config/certs/server.pem',
  'keyfile /mosquitto/config/certs/server.key',
  'capath /mosquitto/config/capath',
  'require_certificate true',
  'use_identity_as_username true',
])

/** A secret has no links: each name becomes a file of its own. */
function capathSecret({ chain, cluster }: AuthorityFiles): string {
  const [own] = chain
  return toText([
    `set -- --from-file=ca.crt=${shellWord(`${capath}/${own?.stem ?? 'ca'}.pem`)}`,
    `for file in ${capath}/*.[0-9]; do set -- "$@" "--from-file=$file"; done`,
    `${kubectl(cluster)} create secret generic mosquitto-client-ca "$@"`,
  ])
}
