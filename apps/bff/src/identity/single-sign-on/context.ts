import type { Logger } from 'pino'
import type { SessionContext } from '../sign-in/identify.ts'
import type { UsersContext } from '../users/context.ts'
import type { ExchangeSlots } from './exchange-slots.ts'
import type { RelyingPartyContext } from './relying-party.ts'

export interface SingleSignOnContext extends SessionContext, UsersContext, RelyingPartyContext {
  log: Logger
  exchanges: ExchangeSlots
  enforcers: UsersContext['enforcers']
}
