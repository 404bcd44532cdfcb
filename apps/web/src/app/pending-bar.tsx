import { useRouterState } from '@tanstack/react-router'
import classes from './pending-bar.module.css'

/** A thin line at the top while the next page loads; it waits a moment, so that quick ones do not flicker. */
export function PendingBar() {
  const isLoading = useRouterState({ select: (state) => state.isLoading })
  return isLoading && <div className={classes['bar']} aria-hidden />
}
