/**
 * The server certificate of one listener comes from mounted files, such as a secret of Kubernetes. When the files are renewed, the listener
 * gets the new pair. As soon as the console gives it another certificate, the files do not count any more.
 */
import { readFile, stat } from 'node:fs/promises'
import type { CertificateMount } from '@gatehouse/contract/brokers/server-certificates'
import type { Logger } from 'pino'
import type { GivenFiles } from '../../certificates/built-in-authority/given-certificate.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { followMount, isFollowing, readFollowed } from './followed-mount.ts'
import { certificateErrors } from './problems.ts'
import { readGivenCertificate } from './server-certificate.ts'
import { type ListenersContext, replaceServerCertificate } from './service.ts'
import { findRecord, readServerCertificate } from './store.ts'

const lookEveryMs = 60_000
const maxFileBytes = 256 * 1_024
const actor: Actor = { userId: null, username: null, via: 'system', address: null }

interface Pair {
  certificate: string
  key: string
}

interface Context extends Pick<ListenersContext, 'clock' | 'keyring'> {
  db: Db
  log: Logger
}

export class MountedCertificate {
  readonly #context: Context
  /** Null: nothing is mounted. */
  readonly #files: GivenFiles | null
  #problem: CertificateMount['problem'] = null

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

  async #look(files: GivenFiles): Promise<void> {
    try {
      const pair = await readPair(files)
      const problem = await this.#context.db.transaction().execute((trx) => this.#take(trx, pair))
      this.#report(files, problem)
    } catch (error) {
      this.#context.log.warn({ err: error }, 'the mounted server certificate could not be compared with its listener')
    }
  }

  /** Returns why the listener keeps its certificate. Null: it has the pair, or does not follow the files. */
  async #take(trx: Trx, pair: Pair | null): Promise<CertificateMount['problem']> {
    const { clock, keyring, log } = this.#context
    const followed = await readFollowed(trx)
    const before = followed && (await findRecord(trx, followed.listener))
    if (!before || !isFollowing(followed, before)) return null
    if (!pair) return 'unreadable'
    const stored = await readServerCertificate(trx, keyring, before.id)
    if (stored?.cert === pair.certificate && stored.key === pair.key) return null
    const [problem] = certificateErrors({ own: readGivenCertificate(pair) }, clock.now())
    if (problem) return problem.code as CertificateMount['problem']
    const after = await replaceServerCertificate(trx, this.#context, { before, pair, actor })
    await followMount(trx, after)
    log.info({ listener: after.name, file: this.#files?.certFile }, 'the listener uses the renewed files')
    return null
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
    return { certificate: await readBounded(certFile), key: await readBounded(keyFile) }
  } catch {
    return null
  }
}

async function readBounded(file: string): Promise<string> {
  const found = await stat(file)
  if (!found.isFile() || found.size > maxFileBytes)
    throw new Error(`${file} is no file of at most ${maxFileBytes} bytes`)
  return readFile(file, 'utf8')
}
