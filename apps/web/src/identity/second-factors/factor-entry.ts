/** Entering the second factor: a code or, if allowed, a backup code. A wrong code is cleared. */
import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useWait } from '../../ui/refusal.tsx'

export interface FactorEntry {
  way: 'code' | 'backupCode'
  typed: string
  setTyped: (typed: string) => void
  switchWay: () => void
  /** Rises with each refusal: the boxes begin anew. */
  attempt: number
  isPending: boolean
  error: unknown
  waitSeconds: number
  mayBeSent: boolean
  send: (typed: string) => void
}

interface Options<T> {
  prove: (proof: FactorProof) => Promise<T>
  onDone: (answer: T) => void
}

export function useFactorEntry<T>({ prove, onDone }: Options<T>): FactorEntry {
  const [way, setWay] = useState<FactorEntry['way']>('code')
  const [typed, setTyped] = useState('')
  const [attempt, setAttempt] = useState(0)
  // The sixth digit and the Enter key come before the button knows that it is pending; a code is good once.
  const isSending = useRef(false)
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: prove,
    onSuccess: onDone,
    onSettled: () => {
      isSending.current = false
    },
    onError: () => {
      // A code is spent or wrong; a backup code may just be mistyped.
      if (way === 'code') setTyped('')
      setAttempt((before) => before + 1)
    },
  })
  const waitSeconds = useWait(error)

  function isSendable(value: string): boolean {
    return waitSeconds === 0 && !isPending && (way === 'code' ? /^[0-9]{6}$/ : /\S/).test(value)
  }

  return {
    way,
    typed,
    setTyped,
    attempt,
    isPending,
    error,
    waitSeconds,
    mayBeSent: isSendable(typed),
    switchWay: () => {
      // The wait holds for both: the server counts their failures together.
      if (waitSeconds === 0) reset()
      setTyped('')
      setWay(way === 'code' ? 'backupCode' : 'code')
    },
    send: (value) => {
      if (isSending.current || !isSendable(value)) return
      isSending.current = true
      mutate(way === 'code' ? { code: value } : { backupCode: value.trim() })
    },
  }
}
