/** Runs OpenLDAP's server in a temporary folder, with the entries that a test gives. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { LdapGiven, type LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { Client } from 'ldapts'
import { freePort } from '../../../scripts/free-port.ts'

const program = '/usr/sbin/slapd'
export const hasSlapd = existsSync(program)

export const suffix = 'dc=lab,dc=test'
const rootDn = `cn=root,${suffix}`
const rootPassword = 'root of the directory'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-slapd-'))
const servers = new Set<Slapd>()
process.once('exit', () => {
  for (const server of servers) server.kill()
  rmSync(folder, { recursive: true, force: true })
})

export class Slapd {
  readonly #folder = join(folder, String(servers.size))
  #authority = makeAuthority({ subject: 'CA of the directory' })
  #child: ChildProcess | null = null
  readonly #ports: { plain: number; tls: number }

  static async start(ldif: string): Promise<Slapd> {
    const server = new Slapd({ plain: await freePort(), tls: await freePort() })
    servers.add(server)
    server.#load(ldif)
    await server.start()
    return server
  }

  private constructor(ports: { plain: number; tls: number }) {
    this.#ports = ports
    mkdirSync(join(this.#folder, 'data'), { recursive: true })
    writeFileSync(join(this.#folder, 'slapd.conf'), this.#configuration())
    this.makeCertificate({ names: ['localhost'] })
  }

  /** Plain, for StartTLS. */
  get url(): string {
    return `ldap://localhost:${this.#ports.plain}`
  }

  get tlsUrl(): string {
    return `ldaps://localhost:${this.#ports.tls}`
  }

  get authorities(): string {
    return this.#authority.certificatePem
  }

  /** A new certificate for the next start. With `isForeign` another CA signs it. */
  makeCertificate({
    names,
    isForeign = false,
    notAfter,
  }: {
    names: string[]
    isForeign?: boolean
    notAfter?: Date
  }): void {
    const by = isForeign ? makeAuthority({ subject: 'Another CA' }) : this.#authority
    const made = issue(by, {
      subject: names[0] ?? '',
      alternativeNames: names,
      extendedKeyUsage: ['serverAuth'],
      ...(notAfter && { notAfter, notBefore: new Date(notAfter.getTime() - 86_400_000) }),
    })
    writeFileSync(join(this.#folder, 'cert.pem'), made.certificatePem)
    writeFileSync(join(this.#folder, 'key.pem'), made.privateKeyPem)
    writeFileSync(join(this.#folder, 'ca.pem'), by.certificatePem)
  }

  /** Resolves when the server answers. */
  async start(): Promise<void> {
    const listeners = `ldap://localhost:${this.#ports.plain} ldaps://localhost:${this.#ports.tls}`
    const child = spawn(program, ['-f', join(this.#folder, 'slapd.conf'), '-h', listeners, '-d', '0'], {
      stdio: 'ignore',
    })
    this.#child = child
    while (child.exitCode === null) {
      const isReady = await this.asRoot(async () => true).catch(() => false)
      if (isReady) return
      await wait(20)
    }
    throw new Error(`slapd ended with code ${child.exitCode}`)
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => {
      child.once('exit', resolve)
    })
    child.kill('SIGKILL')
    await ended
  }

  /** Stops the process, so that it accepts connections and answers nothing; `go` lets it go on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  go(): void {
    this.#child?.kill('SIGCONT')
  }

  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Changes the directory as its owner. */
  async asRoot<T>(act: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ url: this.url, timeout: 30_000, connectTimeout: 30_000 })
    try {
      await client.bind(rootDn, rootPassword)
      return await act(client)
    } finally {
      await client.unbind()
    }
  }

  #load(ldif: string): void {
    const made = spawnSync('/usr/sbin/slapadd', ['-q', '-f', join(this.#folder, 'slapd.conf')], {
      input: ldif,
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(`slapadd: ${made.stderr}`)
  }

  #configuration(): string {
    const at = (file: string) => join(this.#folder, file)
    return `
${['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile ${at('slapd.pid')}
TLSCertificateFile ${at('cert.pem')}
TLSCertificateKeyFile ${at('key.pem')}
TLSCACertificateFile ${at('ca.pem')}
sizelimit 500
disallow bind_anon
database mdb
suffix "${suffix}"
rootdn "${rootDn}"
rootpw "${rootPassword}"
directory ${at('data')}
maxsize 268435456
dbnosync
limits dn.exact="${serviceDn}" size.soft=500 size.hard=500 size.prtotal=unlimited
index objectClass,uid,member,entryUUID eq
overlay ppolicy
access to attrs=userPassword by anonymous auth by * none
access to * by users read
`
  }
}

export const servicePassword = 'the service account'
export const serviceDn = `cn=gatehouse,${suffix}`

/** As an administrator would set up this directory. */
export function settingsFor(slapd: Slapd, given: Partial<LdapSettings> = {}): LdapSettings {
  return LdapGiven.parse({
    urls: [slapd.tlsUrl],
    authorities: slapd.authorities,
    bindDn: serviceDn,
    searchBase: `ou=people,${suffix}`,
    groupBase: `ou=groups,${suffix}`,
    ...given,
  })
}

/** The root, the service account, and a branch each for people and groups. */
export const branches = `
dn: ${suffix}
objectClass: organization
objectClass: dcObject
o: Lab
dc: lab

dn: ${serviceDn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: gatehouse
userPassword: ${servicePassword}

dn: ou=people,${suffix}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${suffix}
objectClass: organizationalUnit
ou: groups
`

export function dnOf(uid: string): string {
  return `uid=${uid},ou=people,${suffix}`
}

export function groupDn(name: string): string {
  return `cn=${name},ou=groups,${suffix}`
}

export function person(uid: string, { password, more = '' }: { password: string; more?: string }): string {
  return `
dn: ${dnOf(uid)}
objectClass: inetOrgPerson
${more}
uid: ${uid}
cn: The person ${uid}
sn: ${uid}
userPassword: ${password}
`.replace(/\n+(?!$)/g, '\n')
}

/** @param members DNs. */
export function group(name: string, members: readonly string[]): string {
  return `
dn: ${groupDn(name)}
objectClass: groupOfNames
cn: ${name}
${members.map((member) => `member: ${member}`).join('\n')}
`
}
