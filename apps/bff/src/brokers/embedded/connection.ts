import type { Client } from 'aedes'
import type { PresentedCredentials } from '../../access/decision/evidence.ts'
import type { Method } from '../../access/decision/outcome.ts'
import type { TopicRights } from '../../access/decision/topics.ts'
import type { CertificateFacts } from '../../certificates/trust/presented-certificate.ts'

/** A client that was admitted and is connected. */
export interface Connection {
  id: string
  client: Client
  clientId: string
  userId: string
  username: string
  since: string
  isClean: boolean
  credentials: PresentedCredentials
  method: Method
  certificate: CertificateFacts | null
  /** When the accepted path of certificates ends. */
  validUntil: Date | null
  rights: TopicRights
  /** Filters whose refusal was recorded. A client that repeats a refused SUBSCRIBE causes one decision for each filter. */
  refusedFilters: Set<string>
}
