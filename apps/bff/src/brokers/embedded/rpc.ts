/** Questions and answers over a message port: an id for each, so that every change is acknowledged. */
import type { Reply } from './port.ts'

export type Answers<Q> = { [K in keyof Q]: Q[K] extends { answer: infer A } ? A : never }
export type Asks<Q> = { [K in keyof Q]: Q[K] extends { ask: infer A } ? A : never }

/** Someone who answers each kind of question. */
export type Answering<Q> = { [K in keyof Q]: (ask: Asks<Q>[K]) => Answers<Q>[K] | Promise<Answers<Q>[K]> }

export interface Asking<Q> {
  ask<K extends keyof Q>(kind: K, ask: Asks<Q>[K]): Promise<Answers<Q>[K]>
  settle(reply: Reply): void
  /** Whoever waits for an answer learns that none will come. */
  giveUp(error: Error): void
}

export function makeAsking<Q>(
  post: (message: { type: 'ask'; id: number; kind: keyof Q; ask: unknown }) => void,
): Asking<Q> {
  const open = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>()
  let lastId = 0
  return {
    ask: (kind, ask) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        open.set(id, { resolve: resolve as (answer: unknown) => void, reject })
        post({ type: 'ask', id, kind, ask })
      }),
    settle: (reply) => {
      const waiting = open.get(reply.id)
      open.delete(reply.id)
      if (reply.isOk) waiting?.resolve(reply.answer)
      else waiting?.reject(new Error(reply.error))
    },
    giveUp: (error) => {
      for (const { reject } of open.values()) reject(error)
      open.clear()
    },
  }
}

/** Answers one question, also when the answering throws. */
export async function answer<Q>(
  answering: Answering<Q>,
  { id, kind, ask }: { id: number; kind: keyof Q; ask: unknown },
): Promise<Reply> {
  try {
    // The pair of kind and ask was checked where it was asked; TypeScript cannot follow it through the message.
    const give = answering[kind] as (ask: unknown) => unknown
    return { type: 'answer', id, isOk: true, answer: await give(ask) }
  } catch (error) {
    return { type: 'answer', id, isOk: false, error: error instanceof Error ? error.message : String(error) }
  }
}
