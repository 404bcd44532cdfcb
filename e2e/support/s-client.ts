/** `openssl s_client`: shows TLS below MQTT, which MQTT clients do not report. */
import { spawn } from 'node:child_process'
import type { KeyPair } from './openssl.ts'

export interface Handshake {
  /** `TLSv1.2`, `TLSv1.3`; undefined if no handshake was completed. */
  protocol: string | undefined
  isResumed: boolean
  /** The return code of the CONNACK; undefined if the broker closed the connection before. */
  connack: number | undefined
}

/**
 * Performs a handshake, sends an MQTT 3.1.1 CONNECT without a username, and reads until a CONNACK or the end.
 * `sessionOut` stores the TLS session in a file, `sessionIn` offers it again.
 */
export function handshake(options: {
  url: string
  tls: '1.2' | '1.3'
  caFile: string
  certificate?: KeyPair
  sessionIn?: string
  sessionOut?: string
  timeoutMs?: number
}): Promise<Handshake> {
  const { hostname, port } = new URL(options.url)
  const given = {
    '-connect': `${hostname}:${port}`,
    '-CAfile': options.caFile,
    '-cert': options.certificate?.certificate,
    '-key': options.certificate?.key,
    '-sess_in': options.sessionIn,
    '-sess_out': options.sessionOut,
  }
  const args = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, value]))
  const child = spawn('openssl', ['s_client', `-tls${options.tls.replace('.', '_')}`, '-nocommands', ...args])
  let output = Buffer.alloc(0)
  child.stdin.on('error', () => undefined) // the broker hung up before we wrote: `close` follows
  child.stdin.write(connectPacket)
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(new Error(`openssl s_client: neither CONNACK nor end\n${output.toString('latin1')}`))
    }, options.timeoutMs ?? 10_000)
    child.stdout.on('data', (chunk: Buffer) => {
      output = Buffer.concat([output, chunk])
      if (connackIn(output) !== undefined) child.stdin.end()
    })
    child.on('error', fail)
    child.on('close', () => {
      clearTimeout(timer)
      const [, how, protocol] = /^(New|Reused), (TLSv1\.\d), Cipher is/m.exec(output.toString('latin1')) ?? []
      done({ protocol, isResumed: how === 'Reused', connack: connackIn(output) })
    })
  })
}

// [MQTT-3.1] CONNECT, protocol "MQTT" level 4, clean session, keep alive 60 s, client id "openssl".
const connectPacket = Buffer.from('\x10\x13\x00\x04MQTT\x04\x02\x00\x3c\x00\x07openssl', 'latin1')

/** The other output of s_client is text without a byte 2, so the pair 0x20 0x02 is the packet. */
function connackIn(output: Buffer): number | undefined {
  const at = output.indexOf(Buffer.from([0x20, 0x02]))
  return at < 0 ? undefined : output[at + 3]
}
