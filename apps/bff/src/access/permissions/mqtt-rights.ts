import type { Permission } from '@gatehouse/contract/access/permission'

/** Of all rights of a user, those that a broker enforces. */
export function mqttRightsOf(rights: readonly Permission[]): Permission[] {
  return rights.filter(({ context }) => context === 'mqtt')
}
