/** Keeps the certificate of the listener for enforcers fresh, and follows the enforcers' CA. */
import type { Logger } from 'pino'
import type { HttpServer } from '../../platform/http/server.ts'
import { ensureAuthority, issueForListener } from './authority.ts'
import { completeIfFollowed } from './authority-replacement.ts'
import { listAuthorities } from './authority-store.ts'
import type { EnrolmentContext } from './enrolment.ts'
import type { EnforcerHub } from './hub.ts'
import { needsReplacement } from './list.ts'

/** The certificate of the listener lasts 30 days, and nothing stores it. */
const renewEveryMs = 24 * 60 * 60_000

export type FollowerContext = EnrolmentContext & { hub: EnforcerHub; log: Logger }

export class AuthorityFollower {
  readonly #context: FollowerContext
  readonly #server: Pick<HttpServer, 'replaceCertificate'>
  #renewedAt = performance.now()
  /** Null: never. */
  #warnedAt: number | null = null
  #isFailing = false

  constructor(context: FollowerContext, server: Pick<HttpServer, 'replaceCertificate'>) {
    this.#context = context
    this.#server = server
  }

  /** Never rejects: a database that is away is read again at the next look. */
  async look(): Promise<void> {
    try {
      await this.#follow()
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) this.#context.log.error({ err: error }, 'could not follow the CA of the agents')
      this.#isFailing = true
    }
  }

  async #follow(): Promise<void> {
    const { clock, hub, reader } = this.#context
    await completeIfFollowed(this.#context)
    const authorities = await listAuthorities(reader)
    // An empty list would mean the CAs of the system.
    if (authorities.length === 0) return
    if (needsReplacement(authorities, clock.now())) this.#warn()
    const trusted = authorities.map(({ certificate }) => certificate)
    const isSame = trusted.join('') === hub.authorities.join('')
    if (isSame && performance.now() - this.#renewedAt <= renewEveryMs) return
    const authority = await ensureAuthority(this.#context)
    this.#server.replaceCertificate(await issueForListener(authority, clock.now()), trusted.join(''))
    if (!isSame) hub.trust(trusted)
    this.#renewedAt = performance.now()
  }

  /** Once a day. */
  #warn(): void {
    const now = performance.now()
    if (this.#warnedAt !== null && now - this.#warnedAt <= renewEveryMs) return
    this.#context.log.warn({}, 'The CA of the agents ends soon: replace it')
    this.#warnedAt = now
  }
}
