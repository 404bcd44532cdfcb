import type { EnforcerRefusal } from '@gatehouse/contract/brokers/enforcer-protocol'

/** The listener for enforcers answers with this code, and nothing else about the reason. */
export class Refusal extends Error {
  readonly code: EnforcerRefusal

  constructor(code: EnforcerRefusal) {
    super(code)
    this.name = 'Refusal'
    this.code = code
  }
}
