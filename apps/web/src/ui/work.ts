/** Long work that goes on while the person is on another page: what it is, its progress, and where to look at it. */
import type { LinkProps } from '@tanstack/react-router'
import { create } from 'zustand'

export interface Work {
  /** "Importing users" */
  label: string
  done: number
  of: number
  /** False: it waits for somebody, or has ended and nobody has looked yet. */
  isGoingOn: boolean
  to: NonNullable<LinkProps['to']>
}

const useStore = create<{ work: Work | null }>(() => ({ work: null }))

export function setWork(work: Work | null): void {
  useStore.setState({ work })
}

export function useWork(): Work | null {
  return useStore(({ work }) => work)
}
