/** The certificate that the server presents: from files of the installation, or generated and signed by the built-in authority. */
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import type { Logger } from 'pino'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { type GivenFiles, readGivenCertificate, watchCertificate } from './given-certificate.ts'
import { ensureServerCertificate } from './own-certificate.ts'
import { findOverlap } from './store.ts'

export interface ServerCertificateOptions {
  db: Db
  clock: Clock
  log: Logger
  dataDir: string
  /** The names in a generated certificate. */
  names: readonly string[]
  /** The installation's own server certificate. Null: generate one. */
  given: GivenFiles | null
}

type OnChange = (changed: IssuedPems) => Promise<void>

export class ServerCertificate {
  readonly #options: ServerCertificateOptions
  #pems: IssuedPems
  #onChange: OnChange = async () => {}

  /** Reads or generates the certificate. Throws `BadSettings` if the given files do not match. */
  static async open(options: ServerCertificateOptions, authority: IssuedPems): Promise<ServerCertificate> {
    const { given } = options
    const pems = given ? await readGivenCertificate(given) : (await generate(options, authority)).pems
    return new ServerCertificate(options, pems)
  }

  private constructor(options: ServerCertificateOptions, pems: IssuedPems) {
    this.#options = options
    this.#pems = pems
  }

  get pems(): IssuedPems {
    return this.#pems
  }

  get isGiven(): boolean {
    return this.#options.given !== null
  }

  /** Generates a new one if the current one no longer fits the authority, the names or the time. */
  async renew(authority: IssuedPems): Promise<void> {
    if (this.isGiven) return
    const { pems, isNew } = await generate(this.#options, authority)
    if (isNew) await this.#replace(pems)
  }

  /** Calls `onChange` for each new certificate, and watches the given files. Returns a function that stops watching. */
  watch(onChange: OnChange): () => void {
    const { given, log } = this.#options
    this.#onChange = onChange
    return watchCertificate(given, { log, onChange: (changed) => this.#replace(changed) })
  }

  async #replace(pems: IssuedPems): Promise<void> {
    this.#pems = pems
    await this.#onChange(pems)
  }
}

async function generate({ db, dataDir, clock, names }: ServerCertificateOptions, authority: IssuedPems) {
  const overlap = await findOverlap(db)
  return ensureServerCertificate(authority, overlap?.cross ?? null, { dataDir, clock, names })
}
