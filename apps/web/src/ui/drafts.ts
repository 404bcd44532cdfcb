/** Text that was typed and not sent: it is still there when the person comes back to the page. Not for secrets. */
import { create } from 'zustand'

const mostDrafts = 10

const useDrafts = create<{ drafts: ReadonlyMap<string, string> }>(() => ({ drafts: new Map() }))

/** `place`: which field it is. Only the ten places that were used last are kept. */
export function useDraft(place: string): [text: string, keep: (text: string) => void] {
  const text = useDrafts(({ drafts }) => drafts.get(place) ?? '')
  return [text, (next) => useDrafts.setState(({ drafts }) => ({ drafts: withDraft(drafts, place, next) }))]
}

/** At the end of a session: the next person must not see what was typed. */
export function forgetDrafts(): void {
  useDrafts.setState({ drafts: new Map() })
}

function withDraft(drafts: ReadonlyMap<string, string>, place: string, text: string): ReadonlyMap<string, string> {
  const others = [...drafts].filter(([other]) => other !== place)
  return new Map([...others, [place, text] as const].slice(-mostDrafts))
}
