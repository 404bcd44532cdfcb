import { everyRoute } from '@gatehouse/contract/api'
import { expect, test } from 'vitest'
import { actions } from './palette-actions.ts'

/** They begin at something else: a user, a certificate or an authority, or a file. */
const notInPalette = [
  'clientCertificates.create',
  'revocations.create',
  'revocationLists.create',
  'mosquittoImports.create',
]

test('the palette offers to create each thing that the API creates, apart from those that begin elsewhere', () => {
  const created = everyRoute.map(({ id }) => id).filter((id) => id.endsWith('.create'))
  const offered = new Set(actions.map(({ calls }) => calls.id))
  expect(created.filter((id) => !offered.has(id))).toEqual(notInPalette)
})
