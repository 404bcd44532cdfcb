/** Runs Debian's samba-ad-dc as Active Directory: LDAP only, in a temporary folder, on a loopback address of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { Attribute, Client } from 'ldapts'

const program = '/usr/sbin/samba'
const schema = '/usr/share/samba/setup/ad-schema'
/** Samba's LDAP ports are 389 and 636 always, which only root may open. */
export const hasSamba = existsSync(program) && existsSync(schema) && process.getuid?.() === 0

export const domain = 'DC=lab,DC=test'
export const realm = 'lab.test'
const administratorPassword = 'The administrator 1'

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

export class Samba {
  readonly address = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`
  readonly #folder = mkdtempSync(join(tmpdir(), 'gatehouse-samba-'))
  readonly #authority = makeAuthority({ subject: 'CA of the domain' })
  #child: ChildProcess | null = null

  /** Takes about ten seconds. */
  static async start(): Promise<Samba> {
    const samba = new Samba()
    samba.#provision()
    await samba.#run()
    return samba
  }

  get authorities(): string {
    return this.#authority.certificatePem
  }

  /** Changes the directory as its administrator. */
  async asAdministrator<T>(act: (client: Client) => Promise<T>): Promise<T> {
    const tlsOptions = { ca: this.authorities }
    const client = new Client({ url: `ldaps://${this.address}`, timeout: 60_000, connectTimeout: 60_000, tlsOptions })
    try {
      await client.bind(`administrator@${realm}`, administratorPassword)
      return await act(client)
    } finally {
      await client.unbind()
    }
  }

  /** Adds an enabled user below `CN=Users`. */
  async addUser(name: string, password: string, more: Record<string, string> = {}): Promise<void> {
    const attributes = {
      sAMAccountName: name,
      userAccountControl: '512',
      userPrincipalName: `${name}@${realm}`,
      ...more,
    }
    await this.asAdministrator((client) =>
      client.add(userDn(name), [
        new Attribute({ type: 'objectClass', values: ['user'] }),
        // MS-ADTS §3.1.1.3.1.5.1: the password in quotes, in UTF-16.
        new Attribute({ type: 'unicodePwd', values: [Buffer.from(`"${password}"`, 'utf16le')] }),
        ...Object.entries(attributes).map(([type, value]) => new Attribute({ type, values: [value] })),
      ]),
    )
  }

  async addGroup(name: string, members: readonly string[]): Promise<void> {
    await this.asAdministrator((client) =>
      client.add(groupDn(name), {
        objectClass: 'group',
        sAMAccountName: name,
        ...(members.length > 0 && { member: [...members] }),
      }),
    )
  }

  /** Takes from all users the right to read `userAccountControl` of this one. */
  hideState(user: string): void {
    const sddl = '(OD;;RP;bf967a68-0de6-11d0-a285-00aa003049e2;;AU)'
    const set = ['dsacl', 'set', `--objectdn=${userDn(user)}`, `--sddl=${sddl}`, '-H', this.#database]
    const made = spawnSync('samba-tool', set, { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`samba-tool: ${made.stderr}`)
  }

  /** An attribute of a user, as Samba's own program writes it. */
  show(user: string, attribute: string): string {
    const show = ['user', 'show', user, `--attributes=${attribute}`, '-H', this.#database]
    const shown = spawnSync('samba-tool', show, { encoding: 'utf8' })
    return new RegExp(`^${attribute}: (.*)$`, 'm').exec(shown.stdout)?.[1] ?? ''
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child && child.exitCode === null) {
      const ended = new Promise((resolve) => {
        child.once('exit', resolve)
      })
      child.kill('SIGKILL')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #database(): string {
    return join(this.#folder, 'private', 'sam.ldb')
  }

  #provision(): void {
    const settings = [
      `interfaces=${this.address}/8`,
      'bind interfaces only=yes',
      'server services=ldap',
      // Access lists of files need attributes that a temporary folder may not have; LDAP does not use them.
      'vfs objects=dfs_samba4 acl_xattr xattr_tdb',
      `pid directory=${this.#folder}/pid`,
      `tls certfile=${this.#folder}/cert.pem`,
      `tls keyfile=${this.#folder}/key.pem`,
      `tls cafile=${this.#folder}/ca.pem`,
    ]
    const made = spawnSync(
      'samba-tool',
      [
        'domain',
        'provision',
        `--targetdir=${this.#folder}`,
        `--realm=${realm}`,
        '--domain=LAB',
        '--server-role=dc',
        `--adminpass=${administratorPassword}`,
        '--host-name=dc1',
        `--host-ip=${this.address}`,
        '--dns-backend=NONE',
        ...settings.map((setting) => `--option=${setting}`),
      ],
      { encoding: 'utf8' },
    )
    if (made.status !== 0) throw new Error(`samba-tool: ${made.stderr.slice(-2_000)}`)
    for (const name of ['pid', 'log', 'ncalrpc', 'winbindd']) mkdirSync(join(this.#folder, name), { recursive: true })
    const { certificatePem, privateKeyPem } = issue(this.#authority, {
      subject: 'dc1.lab.test',
      alternativeNames: [this.address],
      extendedKeyUsage: ['serverAuth'],
    })
    writeFileSync(join(this.#folder, 'cert.pem'), certificatePem)
    // Samba refuses a key that others may read.
    writeFileSync(join(this.#folder, 'key.pem'), privateKeyPem, { mode: 0o600 })
    writeFileSync(join(this.#folder, 'ca.pem'), this.authorities)
  }

  /** Resolves when the server answers. */
  async #run(): Promise<void> {
    const at = (name: string) => join(this.#folder, name)
    const settings = [
      `log file=${at('log/samba')}`,
      `ncalrpc dir=${at('ncalrpc')}`,
      `winbindd socket directory=${at('winbindd')}`,
    ]
    const child = spawn(
      program,
      ['-F', '-M', 'single', '-s', at('etc/smb.conf'), '--debug-stdout', ...settings.map((one) => `--option=${one}`)],
      { stdio: 'ignore' },
    )
    this.#child = child
    children.add(child)
    while (child.exitCode === null) {
      const isReady = await this.asAdministrator(async () => true).catch(() => false)
      if (isReady) return
      await wait(50)
    }
    throw new Error(`samba ended with code ${child.exitCode}`)
  }
}

export function userDn(name: string): string {
  return `CN=${name},CN=Users,${domain}`
}

export function groupDn(name: string): string {
  return `CN=${name},CN=Users,${domain}`
}
