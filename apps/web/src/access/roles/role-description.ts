/** What a role is for. The server stores the descriptions of the built-in roles in English; here they are in the reader's language. */
import {
  adminRoleName,
  minimumRoleName,
  operatorRoleName,
  type Role,
  viewerRoleName,
} from '@gatehouse/contract/access/roles'
import { t } from '@lingui/core/macro'

const builtInDescriptions: Readonly<Record<string, string>> = {
  [adminRoleName]: t`May do everything, in the console and on the broker`,
  [operatorRoleName]: t`Runs users, devices and certificates`,
  [viewerRoleName]: t`Reads everything in the console that is not secret`,
  [minimumRoleName]: t`The person’s own account, and nothing else`,
}

export function roleDescription({ name, builtIn, description }: Role): string | null {
  return (builtIn && builtInDescriptions[name]) || description
}
