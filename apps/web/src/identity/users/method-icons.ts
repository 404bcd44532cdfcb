/** One picture for each way to sign in, wherever it is shown. */
import type { GrantMethod } from '@gatehouse/contract/identity/users'
import { type Icon, IconCertificate, IconKey, IconTicket } from '@tabler/icons-react'

export const methodIcons: Record<GrantMethod, Icon> = {
  password: IconKey,
  certificate: IconCertificate,
  token: IconTicket,
}
