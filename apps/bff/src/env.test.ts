import { describe, expect, it } from 'vitest'
import { forgetSecrets, readSettings } from './env.ts'
import { BadSettings } from './platform/base/bad-settings.ts'

/** Returns the lines that are printed for invalid settings. */
function linesFor(env: Record<string, string>): string[] {
  try {
    readSettings(env)
    return []
  } catch (error) {
    if (error instanceof BadSettings) return error.lines
    throw error
  }
}

describe('settings', () => {
  it('take the proxy of the machine, lower case names first', () => {
    const env = { HTTPS_PROXY: 'http://upper.example', https_proxy: 'http://lower.example', NO_PROXY: '.plant.example' }
    expect(readSettings(env).proxy).toEqual({ HTTPS_PROXY: 'http://lower.example', NO_PROXY: '.plant.example' })
    expect(readSettings({ HTTPS_PROXY: '' }).proxy).toEqual({})
  })

  it('have defaults that accept connections from this machine only', () => {
    expect(readSettings({})).toMatchObject({
      http: { host: '127.0.0.1', port: 8080, tls: false, publicUrl: null, trustedProxies: [] },
      listeners: {
        mqtt: { host: '127.0.0.1', port: 1883 },
        mqtts: { host: '127.0.0.1', port: 8883, clientCertificate: 'accepted' },
        given: [],
        allowsPlain: false,
      },
      health: null,
      mayBeProxied: false,
      tls: null,
      admin: { username: 'admin', password: null },
      logLevel: 'info',
    })
  })

  it('require a token for metrics beyond loopback', () => {
    const beyond = { GATEHOUSE_METRICS_HOST: '0.0.0.0', GATEHOUSE_METRICS_PORT: '9464' }
    expect(linesFor(beyond)).toEqual(['GATEHOUSE_METRICS_TOKEN: required if GATEHOUSE_METRICS_HOST is not loopback'])
    expect(linesFor({ ...beyond, GATEHOUSE_METRICS_TOKEN: 'short' })).toEqual([
      'GATEHOUSE_METRICS_TOKEN: at least 20 characters',
    ])
    expect(linesFor({ ...beyond, GATEHOUSE_METRICS_TOKEN: 'x'.repeat(20) })).toEqual([])
  })

  it('ignore empty variables and variables without the prefix', () => {
    expect(readSettings({ GATEHOUSE_HTTP_PORT: '', HTTP_PORT: 'x', PATH: '' }).http.port).toBe(8080)
  })

  it('take what Mender calls its variables, all or none, and a log that is verbose', () => {
    const env = {
      MTLS_MENDER_USER: 'mtls@mender.io',
      MTLS_MENDER_PASS: 'password',
      MTLS_MENDER_BACKEND: 'https://Hosted.mender.io/',
    }
    expect(readSettings({ ...env, MTLS_DEBUG_LOG: 'true' })).toMatchObject({
      mender: {
        username: 'mtls@mender.io',
        password: 'password',
        origin: 'https://hosted.mender.io',
        certificates: '/etc/mtls/certs',
        host: '127.0.0.1',
        port: 8443,
      },
      logLevel: 'debug',
    })
    expect(readSettings({ MTLS_DEBUG_LOG: '0' })).toMatchObject({ mender: null, logLevel: 'info' })
    expect(linesFor({ MTLS_MENDER_USER: 'u' })).toEqual(
      ['PASS', 'BACKEND'].map((name) => `MTLS_MENDER_${name}: required with the other MTLS_MENDER_… variables`),
    )
    const wrong = { MTLS_MENDER_USER: 'a:b', MTLS_MENDER_PASS: 'se\ncret', MTLS_MENDER_BACKEND: 'https://u:p@host' }
    const lines = linesFor(wrong)
    expect(lines.map((line) => line.split(':')[0])).toEqual(Object.keys(wrong))
    expect(lines.join()).not.toMatch(/cret|a:b|u:p/)
  })

  it.each([
    ['MTLS_DEBUG_LOG', 'yes', 'true or false'],
    ['MTLS_MENDER_BACKENDS', 'x', 'no such setting'],
    [
      'MTLS_INSECURE_SKIP_VERIFY',
      'true',
      'not supported; give the upstream the CA of the backend in the console instead',
    ],
    ['GATEHOUSE_EDGE_CERTS', 'certs', 'an absolute path'],
  ])('reject %s=%s in one line', (name, value, says) => {
    expect(linesFor({ [name]: value })).toEqual([`${name}: ${says}`])
  })

  it('leave the environment without the secrets', () => {
    const env = {
      GATEHOUSE_ADMIN_PASSWORD: 'a',
      MTLS_MENDER_PASS: 'b',
      GATEHOUSE_DATABASE_URL: 'c',
      MTLS_MENDER_USER: 'd',
    }
    forgetSecrets(env)
    expect(env).toEqual({ MTLS_MENDER_USER: 'd' })
  })

  it('use a database in the data folder, unless they name a PostgreSQL server', () => {
    expect(readSettings({ GATEHOUSE_DATA_DIR: '/srv/x' }).database).toEqual({ file: '/srv/x/gatehouse.db' })
    const url = 'postgres://gatehouse:secret@db.example/gatehouse'
    expect(readSettings({ GATEHOUSE_DATABASE_URL: url }).database).toEqual({ url })
    const [line, ...more] = linesFor({ GATEHOUSE_DATABASE_URL: 'mysql://gatehouse:secret@db.example/gatehouse' })
    expect(line).toMatch(/^GATEHOUSE_DATABASE_URL: an address such as /)
    expect([more, line?.includes('secret')]).toEqual([[], false])
  })

  it('turn TLS on and the plain listener off if other machines can connect', () => {
    const everywhere = readSettings({ GATEHOUSE_HTTP_HOST: '0.0.0.0', GATEHOUSE_MQTT_HOST: '::' })
    expect(everywhere).toMatchObject({ http: { tls: true }, listeners: { mqtt: null, mqtts: { host: '::' } } })
    expect(readSettings({ GATEHOUSE_MQTT_PORT: 'off', GATEHOUSE_MQTTS_PORT: 'off' })).toMatchObject({
      listeners: { mqtt: null, mqtts: null },
    })
  })

  it.each([
    ['HTTPS://Gatehouse.Example', 'https://gatehouse.example'],
    ['https://gatehouse.example:443', 'https://gatehouse.example'],
    ['http://127.0.0.1:80', 'http://127.0.0.1'],
    ['https://[::1]:8443', 'https://[::1]:8443'],
  ])('normalise the origin %s as browsers do', (given, origin) => {
    expect(readSettings({ GATEHOUSE_PUBLIC_URL: given }).http.publicUrl).toBe(origin)
  })

  it.each([
    ['https://gatehouse.example:8443', 'gatehouse.example'],
    ['https://[2001:db8::1]', '2001:db8::1'],
  ])('include the host of %s in the generated certificate, unless names are given', (url, host) => {
    const known = readSettings({ GATEHOUSE_PUBLIC_URL: url })
    expect(known.publicHost).toBe(host)
    expect(known.tlsNames).toContain(host)
    expect(known.tlsNames).toContain('localhost')
    expect(readSettings({ GATEHOUSE_PUBLIC_URL: url, GATEHOUSE_TLS_NAMES: 'a.example' }).tlsNames).toEqual([
      'a.example',
    ])
  })

  it.each([
    ['GATEHOUSE_HTTP_PORT', ['-1', '65536', '8080x', '1e3', ' 80'], 'a port, 0 to 65535'],
    ['GATEHOUSE_MQTTS_PORT', ['none', '70000', 'OFF'], 'a port, 0 to 65535, or off'],
    ['GATEHOUSE_HTTP_TLS', ['yes', 'ON'], 'one of on, off'],
    [
      'GATEHOUSE_PUBLIC_URL',
      [
        'gatehouse.example',
        'https://',
        'https://a/path',
        'https://a/',
        'https://u:p@a',
        'ftp://a',
        'https://a b',
        'https://a:99999',
        'https://a?b',
      ],
      'an origin such as https://gatehouse.example',
    ],
    [
      'GATEHOUSE_TRUSTED_PROXIES',
      ['proxy', '10.0.0.0/33', '10.0.0.1,all', '1.2.3'],
      'addresses such as 10.0.0.2 or 10.0.0.0/8',
    ],
    ['GATEHOUSE_TLS_NAMES', ['a b', 'a,*', 'a\nb', '-a'], 'host names and addresses, with commas between'],
    ['GATEHOUSE_MQTT_MAX_PACKET_KIB', ['0', '-1', '1.5', '262145', 'off'], 'a whole number, 1 to 262144'],
    ['GATEHOUSE_MQTT_MAX_SESSIONS', ['0', '1e9', '9999999999'], 'a whole number, 1 to 999999999'],
    ['GATEHOUSE_MQTT_PUBLISH_RATE', ['0', 'on', '-3'], 'a whole number from 1, or off'],
    ['GATEHOUSE_MQTT_SYS_INTERVAL', ['0', '1.5', '86401'], 'a whole number of seconds, 1 to 86400, or off'],
    ['GATEHOUSE_MQTTS_CLIENT_CERTIFICATE', ['optional'], 'one of required, accepted, ignored'],
    ['GATEHOUSE_LOG_LEVEL', ['loud'], 'one of trace, debug, info, warn, error, silent'],
    [
      'GATEHOUSE_ADMIN_USERNAME',
      ['a', '-a-', 'a b c'],
      '3 to 64 letters, digits and . _ @ : -, beginning with a letter or a digit',
    ],
    ['GATEHOUSE_HTTPPORT', ['1'], 'no such setting'],
    ['GATEHOUSE_constructor', ['1'], 'no such setting'],
  ])('rejects an invalid %s in one line', (name, values, says) => {
    for (const value of values) expect(linesFor({ [name]: value })).toEqual([`${name}: ${says}`])
  })

  it.each([
    [{ GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8,fd00::/8' }],
    [{ GATEHOUSE_TLS_NAMES: 'gatehouse.example,*.example, 192.0.2.1, ::1, my_host' }],
  ])('accepts %o', (env) => {
    expect(linesFor(env)).toEqual([])
  })

  it('report all invalid variables at once, without their values', () => {
    const lines = linesFor({
      GATEHOUSE_HTTP_PORT: 'secret',
      GATEHOUSE_LOG_LEVEL: 'secret',
      GATEHOUSE_NOTHING: 'secret',
    })
    expect(lines).toHaveLength(3)
    expect(lines.join()).not.toContain('secret')
  })

  it.each([
    [{ GATEHOUSE_MQTT_HOST: '0.0.0.0', GATEHOUSE_MQTT_PORT: '1883' }, 'GATEHOUSE_MQTT_PORT'],
    [{ GATEHOUSE_HTTP_HOST: '0.0.0.0', GATEHOUSE_HTTP_TLS: 'off' }, 'GATEHOUSE_HTTP_TLS'],
    [
      { GATEHOUSE_HTTP_HOST: '0.0.0.0', GATEHOUSE_HTTP_TLS: 'off', GATEHOUSE_PUBLIC_URL: 'http://a.example' },
      'GATEHOUSE_HTTP_TLS',
    ],
    [{ GATEHOUSE_TLS_CERT: '/a' }, 'GATEHOUSE_TLS_CERT, GATEHOUSE_TLS_KEY'],
    [{ GATEHOUSE_SECRET_KEY: 'c2hvcnQ=' }, 'GATEHOUSE_SECRET_KEY'],
    [{ GATEHOUSE_SECRET_KEY: ' , ' }, 'GATEHOUSE_SECRET_KEY'],
  ])('stop the start if they contradict safety: %o', (env, name) => {
    const lines = linesFor(env)
    expect(lines).toHaveLength(1)
    expect(lines[0]?.startsWith(`${name}: `)).toBe(true)
  })

  it('allow an unsafe listener if another setting says so explicitly', () => {
    const env = { GATEHOUSE_MQTT_HOST: '0.0.0.0', GATEHOUSE_MQTT_PORT: '1883', GATEHOUSE_MQTT_PLAIN: 'allow' }
    expect(readSettings(env).listeners.mqtt).toEqual({ host: '0.0.0.0', port: 1883 })
    const proxied = {
      GATEHOUSE_HTTP_HOST: '0.0.0.0',
      GATEHOUSE_HTTP_TLS: 'off',
      GATEHOUSE_PUBLIC_URL: 'https://a.example',
    }
    expect(readSettings(proxied).http.tls).toBe(false)
  })
})
