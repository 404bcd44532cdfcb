/** Why a password or a code was refused, with a countdown until the next attempt. */

import { ApiProblem } from '@gatehouse/contract/client'
import { t } from '@lingui/core/macro'
import { type ReactNode, useMemo } from 'react'
import { describeError } from '../api/error-words.ts'
import { useSecond } from './clock.ts'
import classes from './refusal.module.css'

/** Seconds until the next attempt is allowed; 0 if it is. */
export function useWait(error: unknown): number {
  const until = useMemo(() => waitUntil(error), [error])
  const now = useSecond()
  return Math.max(0, Math.ceil((until - now) / 1_000))
}

function waitUntil(error: unknown): number {
  const seconds = error instanceof ApiProblem ? (error.retryAfterSeconds ?? 0) : 0
  return seconds > 0 ? Date.now() + seconds * 1_000 : 0
}

interface RefusalProps {
  error: unknown
  waitSeconds: number
  /** Takes the place of the advice, where the page knows better. */
  advice?: string | undefined
}

export function Refusal({ error, waitSeconds, advice }: RefusalProps) {
  if (!error) return null
  const words = describeError(error)
  return (
    <RefusalWords title={words.title}>
      {waitSeconds > 0 ? t`You can try again in ${inWords(waitSeconds)}.` : (advice ?? words.advice)}
    </RefusalWords>
  )
}

/** The same for a refusal that came in another way than as the answer to a call. */
export function RefusalWords({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div role="alert" className={classes['refusal']}>
      <strong>{title}</strong>
      {children}
    </div>
  )
}

function inWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return t`${seconds} s`
  return t`${minutes} min ${seconds % 60} s`
}
