/** Escape cancels a dialog of the URL that is still loading: the page stays as it is. */
import { useWindowEvent } from '@mantine/hooks'
import { useRouter } from '@tanstack/react-router'
import { isAnyDialogOpen } from '../ui/dialog-stack.ts'
import { dialogParameters, type Parameters, useNavigateTo, withOnly } from '../ui/search-links.ts'

export function useEscapeCancelsOpening(): void {
  const router = useRouter()
  const go = useNavigateTo()
  useWindowEvent('keydown', (event) => {
    // An open dialog handles Escape itself.
    if (event.key !== 'Escape' || isAnyDialogOpen()) return
    const { location, resolvedLocation: shown } = router.state
    if (!shown || shown.pathname !== location.pathname) return
    const before: Parameters = shown.search
    const after: Readonly<Record<string, unknown>> = location.search
    if (!dialogParameters.some((name) => after[name] !== undefined && before[name] === undefined)) return
    go({ ...withOnly(before), state: true }, { replace: true })
  })
}
