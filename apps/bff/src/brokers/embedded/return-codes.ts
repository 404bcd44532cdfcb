import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { Refused } from '../../access/decision/outcome.ts'

/** CONNACK return codes, MQTT 3.1.1 table 3.1: 2 identifier rejected, 3 server unavailable, 4 bad username or password, 5 not authorised. */
export type ReturnCode = 2 | 3 | 4 | 5

/** Every other reason has 5. */
const codes: Partial<Record<RefusalReason, ReturnCode>> = {
  bad_client_id: 2,
  client_id_taken: 2,
  busy: 3,
  throttled: 4,
  wrong_credentials: 4,
}

/** A client that names its user by username cannot tell an unknown user from a wrong password. */
const codesForUsernames: typeof codes = { no_credentials: 4, unknown_user: 4 }

export function returnCodeOf({ reason, claim }: Pick<Refused, 'reason' | 'claim'>): ReturnCode {
  return (claim === 'username' ? codesForUsernames[reason] : undefined) ?? codes[reason] ?? 5
}
