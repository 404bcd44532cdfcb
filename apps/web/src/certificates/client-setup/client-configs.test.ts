/** The generated texts work in a shell, in YAML and in Mosquitto, with any name. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../../../../../scripts/free-port.ts'
import { authoritySnippets, kubernetesName, type UserHandOver, userSnippets } from './client-configs.ts'
import { helmValues } from './helm-values.ts'
import { shellWord } from './shell-quote.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-hand-over-'))
const bin = join(folder, 'bin')
beforeAll(() => {
  mkdirSync(bin)
  // Writes down what it was called with, word by word.
  for (const command of ['kubectl', 'mosquitto_sub']) {
    writeFileSync(join(bin, command), '#!/bin/sh\nprintf "%s\\0" "$@" > called\n')
    chmodSync(join(bin, command), 0o755)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

/** In a folder of its own, which is the answer. */
function run(script: string, cwd = mkdtempSync(join(folder, 'run-'))): string {
  execFileSync('sh', ['-eu', '-c', script], { cwd, env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` } })
  return cwd
}

function calledWith(script: string, cwd?: string): string[] {
  const ran = run(script, cwd)
  expect(existsSync(join(ran, 'owned'))).toBe(false)
  return readFileSync(join(ran, 'called'), 'utf8').split('\0').slice(0, -1)
}

const root = makeAuthority({ subject: 'Plant Root' })
const authority = issueAuthority(root, { subject: 'Line 3 Device CA' })
const device = issue(authority, { subject: 'press-3' })
const cluster = { namespace: 'plant', release: 'connectware-agent' }
const given: UserHandOver = {
  username: 'press-3',
  files: { certificate: 'press-3.crt', key: 'press-3.key' },
  endpoint: { host: 'broker.plant.example', port: 8883 },
  cluster,
  topic: 'line-3/#',
  caChain: root.certificatePem,
}
const chain = [
  { stem: 'line-3-device-ca', pem: authority.certificatePem },
  { stem: 'plant-root', pem: root.certificatePem },
]

const jokes = [
  "it's; touch owned",
  '$(touch owned)',
  '`touch owned`',
  '"; touch owned; "',
  "'; touch owned; '",
  'a\ntouch owned\n',
  '\\',
  '*',
  '-rf',
  '~',
  'A=b',
  'press 3 & co | tee > owned',
  'Größe 3 🏭',
]

describe.each(jokes)('a thing called %j', (joke) => {
  test('is one word of a shell', () => {
    expect(calledWith(`kubectl ${shellWord(joke)}`)).toEqual([joke])
  })

  test('stays inside its value in every generated text', () => {
    const files = { certificate: `${joke}.crt`, key: `${joke}.key` }
    const { mosquitto, kubernetes, helm } = userSnippets({
      ...given,
      username: joke,
      files,
      topic: joke,
      endpoint: { host: joke, port: 8883 },
      cluster: { namespace: joke, release: joke },
    })
    const pair = ['--cert', files.certificate, '--key', files.key]
    const sub = ['-h', joke, '-p', '8883', '--cafile', 'authority.crt', ...pair, '-t', joke, '-v']
    expect(calledWith(mosquitto[0]?.text ?? '')).toEqual(sub)
    const name = expect.stringMatching(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
    const sources = [`--cert=${files.certificate}`, `--key=${files.key}`]
    expect(calledWith(kubernetes[0]?.text ?? '')).toEqual(['-n', name, 'create', 'secret', 'tls', name, ...sources])
    expect(parse(helm[0]?.text ?? '')).toMatchObject({
      protocolMapperAgentDefaults: { connectwareHost: joke },
      protocolMapperAgents: [{ name: joke }],
    })
  })
})

describe('for a user', () => {
  test('the names are those that the chart expects', () => {
    const [secret, configMap] = userSnippets(given).kubernetes.map(({ text }) => text)
    expect(secret).toBe(
      'kubectl -n plant create secret tls connectware-agent-press-3-mtls --cert=press-3.crt --key=press-3.key',
    )
    expect(configMap).toBe(
      'kubectl -n plant create configmap connectware-agent-mtls-ca-cert --from-file=ca-chain.pem=authority.crt',
    )
    expect(kubernetesName('Press_3.a')).toBe('press-3-a')
    expect(kubernetesName(`${'a'.repeat(252)}--`)).toBe('a'.repeat(252))
  })

  test('the values hold the pair where it is given, to the byte, and name the secret where it is not', () => {
    const keyPair = { certificate: device.certificatePem, key: device.privateKeyPem }
    const caChain = { cert: root.certificatePem }
    const defaults = { connectwareHost: 'broker.plant.example', mTLS: { enabled: true, caChain } }
    const values = helmValues({ username: 'press-3', host: given.endpoint.host, caChain: given.caChain, keyPair })
    expect(parse(values)).toEqual({
      protocolMapperAgentDefaults: defaults,
      protocolMapperAgents: [{ name: 'press-3', mTLS: { keyPair: { cert: keyPair.certificate, key: keyPair.key } } }],
    })
    expect(parse(userSnippets(given).helm[0]?.text ?? '')).toEqual({
      protocolMapperAgentDefaults: defaults,
      protocolMapperAgents: [
        { name: 'press-3', mTLS: { keyPair: { existingSecret: 'connectware-agent-press-3-mtls' } } },
      ],
    })
  })
})

describe('for a CA', () => {
  const { mosquitto, kubernetes, helm } = authoritySnippets({ chain, cluster })
  const [script, secret, configMap] = [mosquitto[0], ...kubernetes].map((snippet) => snippet?.text ?? '')

  test('the files are written as they are, and words around a certificate are not', () => {
    const noisy = [{ stem: 'ca', pem: `EOF\ntouch owned\n${authority.certificatePem}\n$(touch owned)\n` }]
    const ran = run(authoritySnippets({ chain: noisy, cluster }).mosquitto[0]?.text ?? '')
    expect(readFileSync(join(ran, 'capath/ca.pem'), 'utf8')).toBe(authority.certificatePem)
    expect(existsSync(join(ran, 'owned'))).toBe(false)
  })

  test('the secret holds each hashed name, and the ConfigMap the chain', () => {
    const ran = run(script ?? '')
    const hash = (file: string) =>
      execFileSync('openssl', ['x509', '-hash', '-noout', '-in', join(ran, 'capath', file)])
        .toString()
        .trim()
    const words = calledWith(secret ?? '', ran)
    expect(words.slice(0, 6)).toEqual(['-n', 'plant', 'create', 'secret', 'generic', 'mosquitto-client-ca'])
    expect(words[6]).toBe('--from-file=ca.crt=capath/line-3-device-ca.pem')
    for (const { stem } of chain) expect(words).toContain(`--from-file=capath/${hash(`${stem}.pem`)}.0`)
    const made = calledWith(configMap ?? '', ran)
    expect(made.slice(3)).toEqual([
      'configmap',
      'connectware-agent-mtls-ca-cert',
      '--from-file=ca-chain.pem=ca-chain.pem',
    ])
    const both = authority.certificatePem + root.certificatePem
    expect(readFileSync(join(ran, 'ca-chain.pem'), 'utf8')).toBe(both)
    expect(parse(helm[0]?.text ?? '')).toEqual({ protocolMapperAgentDefaults: { mTLS: { caChain: { cert: both } } } })
  })

  test.skipIf(!existsSync('/usr/sbin/mosquitto'))(
    'Mosquitto with that capath takes its devices, and no others',
    async () => {
      const ran = run(script ?? '')
      const port = await freePort()
      const server = issue(root, { subject: 'localhost', extendedKeyUsage: ['serverAuth'] })
      writePair(ran, 'server', server)
      writePair(ran, 'device', device)
      writePair(ran, 'stranger', issue(makeAuthority({ subject: 'Line 3 Device CA' }), { subject: 'press-3' }))
      writeFileSync(join(ran, 'root.pem'), root.certificatePem)
      // Of the container's paths, those of here.
      const settings = mosquitto[1]?.text
        .replace('listener 8883', `listener ${port} 127.0.0.1`)
        .replaceAll('/mosquitto/config/certs/server.pem', join(ran, 'server.crt'))
        .replaceAll('/mosquitto/config/certs', ran)
        .replaceAll('/mosquitto/config', ran)
      writeFileSync(join(ran, 'mosquitto.conf'), `${settings}user root\n`)
      const broker = spawn('/usr/sbin/mosquitto', ['-c', 'mosquitto.conf'], {
        cwd: ran,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      try {
        await listening(broker)
        const publish = (name: string) => {
          const proof = ['--cafile', 'root.pem', '--cert', `${name}.crt`, '--key', `${name}.key`]
          const args = ['-h', 'localhost', '-p', String(port), ...proof, '-t', 'a', '-m', 'b', '-q', '1']
          return spawnSync('mosquitto_pub', args, { cwd: ran }).status
        }
        expect(publish('device')).toBe(0)
        expect(publish('stranger')).not.toBe(0)
      } finally {
        broker.kill('SIGKILL')
      }
    },
  )
})

function writePair(cwd: string, name: string, { certificatePem, privateKeyPem }: Issued): void {
  writeFileSync(join(cwd, `${name}.crt`), certificatePem)
  writeFileSync(join(cwd, `${name}.key`), privateKeyPem)
}

function listening(broker: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    broker.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (/mosquitto version .* running/.test(said)) resolve()
    })
    broker.once('exit', () => reject(new Error(said)))
  })
}
