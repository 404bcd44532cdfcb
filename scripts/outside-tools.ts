/** Installs what the tests need from Debian: a browser, MQTT clients, openssl and others. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runQuietly } from './run.mjs'

interface Tool {
  /** The tool is installed if this command or file exists. */
  sign: { command: string } | { file: string }
  /** A command that works too, only slower. */
  orElse?: string
  debianPackage: string
  /** What the tests use it for. */
  purpose: string
}

const tools: Tool[] = [
  {
    sign: { command: 'chromium-headless-shell' },
    orElse: 'chromium',
    debianPackage: 'chromium-headless-shell',
    purpose: 'the browser',
  },
  // Has the metrics of Arial and Courier, so that pages look as on a usual Linux desktop.
  {
    sign: { file: '/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf' },
    debianPackage: 'fonts-liberation',
    purpose: 'letters in the browser',
  },
  {
    sign: { command: 'mosquitto_sub' },
    debianPackage: 'mosquitto-clients',
    purpose: 'MQTT clients that nobody here wrote',
  },
  { sign: { file: '/usr/sbin/mosquitto' }, debianPackage: 'mosquitto', purpose: 'a broker to be measured against' },
  { sign: { file: '/usr/sbin/haproxy' }, debianPackage: 'haproxy', purpose: 'a proxy that sends the PROXY protocol' },
  { sign: { file: '/usr/sbin/slapd' }, debianPackage: 'slapd', purpose: 'a directory to sign in with' },
  { sign: { command: 'openssl' }, debianPackage: 'openssl', purpose: 'certificates as other people make them' },
  { sign: { command: 'oathtool' }, debianPackage: 'oathtool', purpose: 'one-time codes of another implementation' },
  { sign: { command: 'pg_ctlcluster' }, debianPackage: 'postgresql', purpose: 'the other database' },
  { sign: { command: 'systemd-analyze' }, debianPackage: 'systemd', purpose: 'a judge of the unit in the docs' },
  { sign: { command: 'zbarimg' }, debianPackage: 'zbar-tools', purpose: 'a look at the picture of a QR code' },
]

const toolsOfAll: Tool[] = [
  {
    sign: {
      file: '/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data/certs/TrustAnchorRootCertificate.crt',
    },
    debianPackage: 'python3-cryptography-vectors',
    purpose: 'NIST PKITS, chains with the verdict of others',
  },
  { sign: { file: '/usr/sbin/samba' }, debianPackage: 'samba-ad-dc', purpose: 'Active Directory to sign in with' },
  {
    sign: { file: '/usr/share/samba/setup/ad-schema' },
    debianPackage: 'samba-ad-provision',
    purpose: 'the schema of Active Directory',
  },
]

/** Installs missing tools if possible. `isAll`: also those of `npm test -- --all`. Returns those that are still missing: tests that need them are skipped. */
export async function bringOutsideTools({ isAll }: { isAll: boolean }): Promise<Tool[]> {
  const missing = [...tools, ...(isAll ? toolsOfAll : [])].filter(isMissing)
  if (missing.length === 0) return []
  const packages = missing.map((tool) => tool.debianPackage)
  if (process.getuid?.() === 0 && isCommand('apt-get')) await aptInstall(packages)
  const stillMissing = missing.filter((tool) => isMissing(tool) && !(tool.orElse && isCommand(tool.orElse)))
  for (const { debianPackage, purpose } of stillMissing) console.log(`Not installed: ${debianPackage} (${purpose})`)
  if (stillMissing.length > 0) {
    console.log(
      `Tests that need them are skipped. As root: apt-get install ${stillMissing.map((tool) => tool.debianPackage).join(' ')}`,
    )
  }
  return stillMissing
}

async function aptInstall(packages: string[]): Promise<void> {
  console.log(`Installing from Debian: ${packages.join(', ')} …`)
  const environment = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await runQuietly('apt-get', ['update', '-q'], environment)
  const install = await runQuietly(
    'apt-get',
    ['install', '-q', '-y', '--no-install-recommends', ...packages],
    environment,
  )
  if (install.code !== 0) console.log((update.output + install.output).trimEnd())
}

function isMissing({ sign }: Tool): boolean {
  return 'command' in sign ? !isCommand(sign.command) : !existsSync(sign.file)
}

function isCommand(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}
