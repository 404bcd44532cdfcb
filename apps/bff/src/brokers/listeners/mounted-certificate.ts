/**
 * The server certificate of one listener comes from mounted files, such as a secret of Kubernetes. When the files are renewed, the listener
 * gets the new pair. After the console has given it a certificate, the files are ignored.
 */
import { readFile, stat } from 'node:fs/promises'
import {
  type CertificateMount,
  maxCertificateLength,
  maxKeyLength,
} from '@gatehouse/contract/brokers/server-certificates'
import type { Logger } from 'pino'
import type { GivenFiles } from '../../certificates/built-in-authority/given-certificate.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { followMount, isFollowing, readFollowed } from './followed-mount.ts'
import type { ListenerRecord } from './listener.ts'
import { certificateErrors } from './problems.ts'
import { readGivenCertificate } from './server-certificate.ts'
import { type ListenersContext, replaceServerCertificate } from './service.ts'
import { findRecord, readServerCertificate } from './store.ts'

const lookEveryMs = 60_000
const actor: Actor = { userId: null, username: null, via: 'system', address: null }

interface Pair {
  certificate: string
  key: string
}

interface Context extends Pick<ListenersContext, 'clock' | 'keyring'> {
  db: Db
  reader: Db
  log: Logger
}

/** What a look at the files has found. */
interface Found {
  /** Why the listener keeps its certificate. Null: it has the pair, gets it, or does not follow the files. */
  problem: CertificateMount['problem']
  /** Null: nothing changes. */
  renewal: { before: ListenerRecord; pair: Pair } | null
}

export class MountedCertificate {
  readonly #context: Context
  /** Null: nothing is mounted. */
  readonly #files: GivenFiles | null
  #problem: CertificateMount['problem'] = null
  #isFailing = false

  /** Looks at the files now. */
  static async open(context: Context, files: GivenFiles | null): Promise<MountedCertificate> {
    const mounted = new MountedCertificate(context, files)
    if (files) await mounted.#look(files)
    return mounted
  }

  private constructor(context: Context, files: GivenFiles | null) {
    this.#context = context
    this.#files = files
  }

  /** Null: nothing is mounted. */
  get mount(): CertificateMount | null {
    return this.#files && { file: this.#files.certFile, problem: this.#problem }
  }

  /** Looks at the files once a minute. Returns a function that stops it. */
  watch(): () => Promise<void> {
    const files = this.#files
    let lastLook: Promise<void> | undefined
    const look = () => {
      lastLook = files ? this.#look(files) : undefined
    }
    const timer = files ? setInterval(look, lookEveryMs).unref() : undefined
    return async () => {
      clearInterval(timer)
      await lastLook
    }
  }

  /** Never rejects: a database that is away is read again at the next look. */
  async #look(files: GivenFiles): Promise<void> {
    try {
      this.#report(files, await this.#take(await readPair(files)))
      this.#isFailing = false
    } catch (error) {
      const failure = 'the mounted server certificate could not be compared with its listener'
      if (!this.#isFailing) this.#context.log.warn({ err: error }, failure)
      this.#isFailing = true
    }
  }

  /** Takes the turn of the only writer if there is something to write. Returns why the listener keeps its certificate. */
  async #take(pair: Pair | null): Promise<CertificateMount['problem']> {
    const { db, reader } = this.#context
    const found = await this.#compare(reader, pair)
    if (!found.renewal) return found.problem
    return db.transaction().execute(async (trx) => {
      const { problem, renewal } = await this.#compare(trx, pair)
      if (renewal) await this.#store(trx, renewal)
      return problem
    })
  }

  async #compare(db: Db, pair: Pair | null): Promise<Found> {
    const { clock, keyring } = this.#context
    const followed = await readFollowed(db)
    const before = followed && (await findRecord(db, followed.listener))
    if (!before || !isFollowing(followed, before)) return { problem: null, renewal: null }
    if (!pair) return { problem: 'unreadable', renewal: null }
    const stored = await readServerCertificate(db, keyring, before.id)
    if (stored?.cert === pair.certificate && stored.key === pair.key) return { problem: null, renewal: null }
    const [problem] = certificateErrors({ own: readGivenCertificate(pair) }, clock.now())
    if (problem) return { problem: problem.code as CertificateMount['problem'], renewal: null }
    return { problem: null, renewal: { before, pair } }
  }

  async #store(trx: Trx, renewal: NonNullable<Found['renewal']>): Promise<void> {
    const after = await replaceServerCertificate(trx, this.#context, { ...renewal, actor })
    await followMount(trx, after)
    this.#context.log.info({ listener: after.name, file: this.#files?.certFile }, 'the listener uses the renewed files')
  }

  /** Once for each problem, not at each look. */
  #report({ certFile }: GivenFiles, problem: CertificateMount['problem']): void {
    if (problem !== null && problem !== this.#problem) {
      const facts = { file: certFile, problem }
      this.#context.log.warn(
        facts,
        'the mounted server certificate cannot be used; the listener keeps the previous one',
      )
    }
    this.#problem = problem
  }
}

/** Null: a file is missing, too large, or may not be read. */
async function readPair({ certFile, keyFile }: GivenFiles): Promise<Pair | null> {
  try {
    return {
      certificate: await readBounded(certFile, maxCertificateLength),
      key: await readBounded(keyFile, maxKeyLength),
    }
  } catch {
    return null
  }
}

async function readBounded(file: string, maxBytes: number): Promise<string> {
  const found = await stat(file)
  if (!found.isFile() || found.size > maxBytes) throw new Error(`${file} is no file of at most ${maxBytes} bytes`)
  return readFile(file, 'utf8')
}
