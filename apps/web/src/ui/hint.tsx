/** A tooltip. Its code is loaded with the first one on the page. */
import { lazy, type ReactElement, Suspense } from 'react'

export interface HintProps {
  label: string
  /** Whole without the hint: it is there before the words are. */
  children: ReactElement
}

const Tooltip = lazy(() => import('./tooltip.tsx').then(({ Tooltip: tooltip }) => ({ default: tooltip })))

export function Hint(props: HintProps) {
  return (
    <Suspense fallback={props.children}>
      <Tooltip {...props} />
    </Suspense>
  )
}
