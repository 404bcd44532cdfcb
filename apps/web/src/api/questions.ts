/**
 * The questions that some refusals put to the person before the call is sent again. The application answers them with its dialogs
 * (`answerQuestions`); until then every question is declined.
 */
import type { Answered, UnconfirmedAuthority } from '@gatehouse/contract/certificates/confirmations'

export interface Questions {
  /** Asks for the password or the code once more. Resolves with whether the server took it. */
  askForProof: () => Promise<boolean>
  /** Asks whether these authorities may vouch for the users all the same. Null: closed without an answer. */
  askForConfirmation: (authorities: readonly UnconfirmedAuthority[]) => Promise<keyof Answered | null>
}

let current: Questions = {
  askForProof: () => Promise.resolve(false),
  askForConfirmation: () => Promise.resolve(null),
}

export function answerQuestions(by: Questions): void {
  current = by
}

export function questions(): Questions {
  return current
}
