/** Links to this same page with other parameters: another page of the list, a filter, an open dialog. */
import { type LinkProps, linkOptions, useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

export type Parameters = Readonly<Record<string, string | undefined>>

/** The parameters that open a dialog or a pane of a page. */
export const dialogParameters: readonly string[] = [
  'create',
  'edit',
  'view',
  'upload',
  'revoke',
  'replace',
  'identities',
  'topic',
]

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

/** Sets parameters; `undefined` removes one. The place in the list stays. */
export function withSearch(change: Parameters): LinkProps {
  return linkOptions({ to: '.', search: (now) => ({ ...now, ...change }), state: true })
}

/** Sets parameters and goes to the first page of the list: for filters and sorting, which make a cursor wrong. */
export function withSearchReset(change: Parameters): LinkProps {
  return linkOptions({ to: '.', search: (now) => ({ ...now, ...change, cursor: undefined }) })
}

/** This page with exactly these parameters. */
export function withOnly(search: Parameters): LinkProps {
  return linkOptions({ to: '.', search: () => search })
}

/** Goes to a link; with `replace`, without a step in the history. It is always the same function, so effects may depend on it. */
export function useNavigateTo(): (link: LinkProps, options?: { replace?: boolean }) => void {
  const navigate = useNavigate()
  return useCallback((link, options) => void navigate({ ...link, ...options }), [navigate])
}
