/** What `npm run screenshots` takes pictures of: each page, each of its tabs, and each dialog. */
import { dialogs } from './screenshot-dialogs.ts'
import { at, open, type Scene, type Stage } from './screenshot-scene.ts'

const pages: Scene[] = [
  at('overview', '/'),
  at('users', '/users'),
  at('users-none', '/users?search=nobody-at-all'),
  at('people', '/people'),
  at('devices', '/devices'),
  at('import', '/users/import'),
  at('import-mosquitto', '/users/import/mosquitto'),
  at('roles', '/roles'),
  at('permissions', '/permissions'),
  at('permissions-asked', '/permissions?can=publish&about=line-3/%2B/setpoint'),
  at('authorities', '/authorities'),
  at('built-in-ca', '/authorities/built-in'),
  at('client-certificates', '/client-certificates'),
  at('certificates-seen', '/client-certificates?kind=seen'),
  at('revocations', '/revocations'),
  at('check', '/certificates/check'),
  at('connections', '/broker/connections'),
  at('mqtt-sessions', '/broker/sessions'),
  at('admission-rules', '/broker/admission-rules'),
  at('denied-devices', '/broker/denied-devices'),
  at('listeners', '/broker/listeners'),
  at('brokers', '/brokers'),
  at('broker', '/brokers/embedded'),
  at('upstreams', '/broker/upstreams'),
  at('retained', '/broker/retained'),
  at('retained-none', '/broker/retained?filter=nothing/here'),
  at('decisions', '/broker/decisions'),
  at('decision-history', '/broker/decisions/history'),
  at('audit', '/audit'),
  at('policies', '/settings/policies'),
  at('identity-providers', '/settings/identity-providers'),
  at('account-password', '/account/password'),
  at('account-mfa', '/account/mfa'),
  at('account-sessions', '/account/sessions'),
  at('account-tokens', '/account/tokens'),
  at('not-found', '/nowhere'),
]

const resources: Scene[] = [
  ...['overview', 'certificates', 'access', 'decisions'].map((tab) => ({
    name: `device-${tab}`,
    show: ({ page, plant }: Stage) => open(page, `/users/${plant.deviceId}?tab=${tab}`),
  })),
  ...['overview', 'sessions'].map((tab) => ({
    name: `person-${tab}`,
    show: ({ page, plant }: Stage) => open(page, `/users/${plant.personId}?tab=${tab}`),
  })),
  { name: 'role', show: ({ page, plant }) => open(page, `/roles/${plant.roleId}`) },
  { name: 'authority', show: ({ page, plant }) => open(page, `/authorities/${plant.authority}`) },
]

export const scenes: readonly Scene[] = [...pages, ...resources, ...dialogs]
