/** Links to this same page with other parameters: another page of the list, a filter, an open dialog. */
import { type LinkProps, type NavigateOptions, useNavigate, useSearch } from '@tanstack/react-router'

export type Parameters = Readonly<Record<string, string | undefined>>

/** What lists remember besides the URL: the cursors of the pages before this one, the first page being `''`. */
declare module '@tanstack/react-router' {
  interface HistoryState {
    before?: string[]
  }
}

/** The parameters of whatever page this is: for the parts that every list has. */
export function useParameters(): Parameters {
  return useSearch({ strict: false, select: (search): Parameters => ({ ...search }) })
}

/** `undefined` takes a parameter out. The place in the list stays. */
export function here(change: Parameters): LinkProps {
  return { to: '.', search: (now: Parameters) => ({ ...now, ...change }), state: true } as LinkProps
}

/** The same with the list begun anew: for filters and sorting, whose cursors would mean something else. */
export function hereFromStart(change: Parameters): LinkProps {
  return { to: '.', search: (now: Parameters) => ({ ...now, ...change, cursor: undefined }) } as LinkProps
}

/** Goes to a link; with `replace`, without a step in the history. */
export function useGo(): (link: LinkProps, options?: { replace?: boolean }) => void {
  const navigate = useNavigate()
  return (link, options) => void navigate({ ...link, ...options } as NavigateOptions)
}
