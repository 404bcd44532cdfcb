/** Step-up: a change that was refused with `proof_required` waits until the person proves the password or the code, and is then sent again. */

import { ApiProblem } from '@gatehouse/contract/client'
import { questions } from './questions.ts'

/** The person closed the dialog: the server refused the change and nothing was sent again. */
export class ProofDeclined extends Error {
  constructor() {
    super('The person declined the proof')
    this.name = 'ProofDeclined'
  }
}

let asked: Promise<boolean> | null = null

/** Two changes at the same time, such as an import and a form, wait for the same proof. */
export function askForProof(): Promise<boolean> {
  asked ??= questions()
    .askForProof()
    .finally(() => {
      asked = null
    })
  return asked
}

export async function withProof<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof ApiProblem && error.code === 'proof_required')) throw error
    if (!(await askForProof())) throw new ProofDeclined()
    return attempt()
  }
}
