/** The values of the Helm chart `connectware-agent` as YAML. */
import { Document, Scalar } from 'yaml'
import { onlyPem } from './pem-blocks.ts'

export interface AgentValues {
  username: string
  host: string
  /** PEM: those by which an agent knows this server. */
  caChain: string
  /** PEM; or the name of the secret that holds both. */
  keyPair: { certificate: string; key: string } | { existingSecret: string }
}

/** `protocolMapperAgents[].mTLS` of the chart: `keyPair`, `caChain`. An agent is called as its certificate is. */
export function helmValues({ username, host, caChain, keyPair }: AgentValues): string {
  const pair = 'key' in keyPair ? { cert: literal(keyPair.certificate), key: literal(keyPair.key) } : keyPair
  return toYaml({
    protocolMapperAgentDefaults: {
      connectwareHost: host,
      mTLS: { enabled: true, caChain: { cert: literal(caChain) } },
    },
    protocolMapperAgents: [{ name: username, mTLS: { keyPair: pair } }],
  })
}

/** The values by which all agents of a chart trust these authorities. */
export function helmTrust(caChain: string): string {
  return toYaml({ protocolMapperAgentDefaults: { mTLS: { caChain: { cert: literal(caChain) } } } })
}

/** Quotes every text: Helm reads YAML 1.1, where a plain `yes` or `1:20` is no text. */
function toYaml(values: object): string {
  const quoted = { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const
  // YAML 1.1 reads these characters as ends of lines. They occur within quotes only.
  return new Document(values).toString(quoted).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped)
}

function literal(pem: string): Scalar<string> {
  const scalar = new Scalar(`${onlyPem(pem)}\n`)
  scalar.type = 'BLOCK_LITERAL'
  return scalar
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
