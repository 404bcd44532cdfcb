/** Examples of the routes of a Mosquitto. */
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const one = { count: 1, names: ['press-7'] }
const none = { count: 0, names: [] }

const state = {
  progress: { done: 150, total: 3_000 },
  toEnd: 412,
  withoutPassword: one,
  remarks: [{ code: 'authority_without_crl', count: 1, names: ['Plant CA'] }],
  foreignFiles: [{ name: 'server.key', kind: 'key' }],
  drift: { changed: one, clients: none, roles: none, groups: none, defaults: none },
  hasFirstLoad: false,
}

export const docs: FeatureDocs = {
  descriptions: { hasFirstLoad: 'Whether the file of the plugin can be written before Mosquitto starts.' },
  values: { done: 150, hasFirstLoad: false, 'mosquitto.writeFirstLoad.users': 128 },
  answers: { 'mosquitto.view': state, 'mosquitto.lookForDrift': state, 'mosquitto.restore': state },
}
