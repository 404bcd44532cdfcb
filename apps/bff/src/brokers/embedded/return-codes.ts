/** Which reason code of MQTT 5 tells a client each refusal. The engine derives the return code of MQTT 3.1.1 from it. */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import { connackReturnCode, reasonCodes } from '@gatehouse/mqtt/packets/reason-codes'
import type { RefusalAnswer as ClientAnswer } from '@gatehouse/mqtt/policy'
import type { Refused } from '../../access/decision/outcome.ts'

type Refusal = Pick<Refused, 'reason' | 'claim'>

/** Every other reason has 0x87, "not authorized": return code 5 (MQTT 3.1.1, table 3.1). */
const codes: Partial<Record<RefusalReason, number>> = {
  bad_client_id: reasonCodes.clientIdentifierNotValid,
  client_id_taken: reasonCodes.clientIdentifierNotValid,
  busy: reasonCodes.serverBusy,
  admission_busy: reasonCodes.serverBusy,
  throttled: reasonCodes.badUserNameOrPassword,
  wrong_credentials: reasonCodes.badUserNameOrPassword,
}

/** A client that names its user by username must not learn which of these it was: it could find out usernames. */
const alikeForUsernames: readonly RefusalReason[] = ['no_credentials', 'unknown_user', 'wrong_credentials', 'throttled']

/** The code, and as reason string the word that the Decisions page is searched by. */
export function answerTo({ reason, claim }: Refusal): ClientAnswer {
  const text = claim === 'username' && alikeForUsernames.includes(reason) ? 'wrong_credentials' : reason
  return { code: codes[text] ?? reasonCodes.notAuthorized, text }
}

/** The return code in the CONNACK of MQTT 3.1.1. */
export function returnCodeOf(refusal: Refusal): number {
  return connackReturnCode(answerTo(refusal).code)
}
