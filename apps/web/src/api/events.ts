/**
 * Follows a stream of server-sent events. With `fetch`, because `EventSource` can send no header: each of its reconnections would count
 * as a use of the session.
 */
import { addressOf, readProblem } from '@gatehouse/contract/client'
import type { Route, Search } from '@gatehouse/contract/route'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type * as z from 'zod/mini'
import { withSession } from './client.ts'
import { watchedFetch } from './reachability.ts'

type EventRoute = Route & { events: true; answer: z.ZodMiniType }

interface Following<R extends EventRoute> {
  signal: AbortSignal
  onEvent: (event: z.output<R['answer']>) => void
}

/** Larger events are none of ours. */
const maxEventCharacters = 4_000_000

/**
 * Resolves with the code that the server gave when it ended the stream, or null if the connection was lost. Rejects with
 * `ApiProblem` if the server refuses. When the session has ended, the console asks to sign in and opens the stream again.
 */
export function followEvents<R extends EventRoute>(
  route: R,
  search: Search<R> & Record<string, unknown>,
  following: Following<R>,
): Promise<string | null> {
  const address = addressOf(route, { search })
  return withSession(() => readEvents(address, following))
}

async function readEvents<R extends EventRoute>(
  address: string,
  { signal, onEvent }: Following<R>,
): Promise<string | null> {
  const response = await watchedFetch(address, { signal })
  if (!response.ok || !response.body) throw await readProblem(response)
  const events = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream({ maxBufferSize: maxEventCharacters }))
  const reader = events.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return null
    const data = JSON.parse(value.data) as { code: string }
    if (value.event === 'end') return data.code
    onEvent(data as z.output<R['answer']>)
  }
}
