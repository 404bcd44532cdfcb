/** The first steps of a new installation: a file of its own, because its server must be empty. */
import { expectAccessible } from '../support/accessibility.ts'
import { openPage } from '../support/actions.ts'
import { enter, makeUser, topic } from '../support/api.ts'
import { expect, test } from '../support/fixtures.ts'
import { subscribe } from '../support/mosquitto.ts'

test('guides a new installation to its first connected device, and then stays away', async ({
  page,
  call,
  gatehouse,
}) => {
