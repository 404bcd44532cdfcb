/** Where toasts appear: the container is loaded with the first of them, and stays. */
import { useNotifications } from '@mantine/notifications'
import { lazy, Suspense, useState } from 'react'

const Container = lazy(() =>
  import('./toast-container.tsx').then(({ ToastContainer }) => ({ default: ToastContainer })),
)

export function Toasts() {
  const isAsked = useNotifications().notifications.length > 0
  const [wasAsked, setAsked] = useState(isAsked)
  if (isAsked && !wasAsked) setAsked(true)
  return <Suspense>{wasAsked && <Container />}</Suspense>
}
