/** Typed calls between two threads over a message port. Every call has an id and is answered under that id. */

export type Args<F> = F extends (...args: infer A) => unknown ? A : never
export type Result<F> = F extends (...args: never) => infer R ? Awaited<R> : never

/** The functions `F` of the other thread. */
export type Remote<F> = { [K in keyof F]: (...args: Args<F[K]>) => Promise<Result<F[K]>> }

export interface Call {
  type: 'call'
  id: number
  name: string
  args: unknown[]
}

export type Answer =
  | { type: 'answer'; id: number; isOk: true; value: unknown }
  | { type: 'answer'; id: number; isOk: false; error: string }

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Calls functions in the other thread. */
export class Caller<F> {
  readonly #post: (call: Call) => void
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor(post: (call: Call) => void) {
    this.#post = post
  }

  /** Rejects with the error of the other thread, and when the other thread ends. */
  call<K extends keyof F & string>(name: K, args: Args<F[K]>): Promise<Result<F[K]>> {
    const { promise, resolve, reject } = Promise.withResolvers<Result<F[K]>>()
    const id = ++this.#lastId
    this.#waiting.set(id, { resolve, reject })
    this.#post({ type: 'call', id, name, args })
    return promise
  }

  settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.isOk) waiting?.resolve(answer.value)
    else waiting?.reject(new Error(answer.error))
  }

  /** Rejects every call that waits for an answer. */
  close(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** An object whose methods call `call`, beside its `own` members. */
export function makeRemote<F, Own extends object>(
  call: (name: keyof F & string, args: never) => Promise<unknown>,
  own: Own,
): Own & F {
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>()
  const remote = new Proxy(own, {
    get: (target, name) => {
      // A promise that resolves with this object looks for `then`: it must not become a call.
      if (typeof name === 'symbol' || name in target || name === 'then') return Reflect.get(target, name)
      const method = methods.get(name) ?? ((...args) => call(name as keyof F & string, args as never))
      methods.set(name, method)
      return method
    },
  })
  return remote as Own & F
}

/** Runs a call of the other thread. Never rejects. */
export async function runCall(functions: object, { id, name, args }: Call): Promise<Answer> {
  try {
    if (!Object.hasOwn(functions, name)) throw new Error(`There is no function ${name}`)
    // The caller's types have checked the arguments. TypeScript cannot follow them through the message.
    const call = functions[name as keyof typeof functions] as (...args: unknown[]) => unknown
    return { type: 'answer', id, isOk: true, value: await call(...args) }
  } catch (error) {
    return { type: 'answer', id, isOk: false, error: error instanceof Error ? error.message : String(error) }
  }
}
