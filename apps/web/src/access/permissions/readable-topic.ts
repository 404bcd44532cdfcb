import type { Permission } from '@gatehouse/contract/access/permission'

/** The first filter that these permissions let one subscribe to; none that would not fit into a line. */
export function readableTopic(permissions: readonly Permission[]): string | undefined {
  return permissions.find(
    ({ context, operation, resource }) =>
      context === 'mqtt' && operation !== 'write' && resource !== '' && !/\p{Cc}/u.test(resource),
  )?.resource
}
