import type { mfa } from '@gatehouse/contract/identity/second-factors'
import type { Bindings } from '../../platform/http/handle.ts'
import {
  beginEnrolment,
  completeEnrolment,
  disableMfa,
  type MfaContext,
  regenerateBackupCodes,
  resetMfa,
  viewMfa,
} from './service.ts'

export function mfaRoutes(context: MfaContext): Bindings<typeof mfa> {
  return {
    view: ({ caller }) => viewMfa(context, caller),
    enrol: (by) => beginEnrolment(context, by),
    verify: ({ body, ...by }) => completeEnrolment(context, { code: body.code, ...by }),
    regenerate: ({ body, ...by }) => regenerateBackupCodes(context, { code: body.code, ...by }),
    disable: ({ body, ...by }) => disableMfa(context, { proof: body, ...by }),
    reset: ({ params, body, ...by }) => resetMfa(context, { id: params.id, body, ...by }),
  }
}
