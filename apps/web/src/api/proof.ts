/** Step-up: a change that was refused with `proof_required` waits for the person to prove the password, and is sent again. */
import { dialogSlot } from '../feedback/dialog-slot.ts'
import { isRefusal } from './client.ts'

/** The one "Confirm it is you" dialog; the shell shows it. Settles with whether the proof was given. */
export const proofSlot = dialogSlot<'proof', boolean>()

/** The person closed the dialog: nothing was sent. */
export class ProofDeclined extends Error {
  constructor() {
    super('The proof was declined')
    this.name = 'ProofDeclined'
  }
}

export async function withProof<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!isRefusal(error, 'proof_required')) throw error
    if (!(await proofSlot.open('proof'))) throw new ProofDeclined()
    return attempt()
  }
}
