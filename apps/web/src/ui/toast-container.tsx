/** The corner that toasts come up in. */
import { Notifications } from '@mantine/notifications'

export function ToastContainer() {
  return <Notifications position="bottom-right" limit={3} containerWidth={360} />
}
