/** Why a sign-in at a provider was refused. */
import { useEffect, useState } from 'react'
import { errorWords } from '../../api/error-words.ts'
import { RefusalWords } from '../../ui/refusal.tsx'
import { refusalInUrl, thisPage } from './sign-in-options.ts'

/** The refusal in the URL of a page that goes on without it. */
export function RefusedByProvider() {
  const [code] = useState(refusalInUrl)
  // Synchronises with the address bar: after a reload the refusal is old.
  useEffect(() => {
    if (code !== null) history.replaceState(history.state, '', thisPage())
  }, [code])
  return code === null ? null : <ProviderRefusal code={code} />
}

export function ProviderRefusal({ code }: { code: string }) {
  // Anybody can write the URL: an unknown code has the words of a fault.
  const words = Object.hasOwn(errorWords, code) ? errorWords[code as keyof typeof errorWords] : errorWords.internal
  return <RefusalWords title={words.title}>{words.advice}</RefusalWords>
}
