import { expect, it } from 'vitest'
import { writeLeftOut } from './left-out.ts'
import { readTable } from './read-table.ts'
import { type KnownRoles, readUsers } from './read-users.ts'

const roles: KnownRoles = { byName: new Map(), tooMuch: new Set() }
const read = async (text: string) => readUsers(await readTable(text), roles)

it('given again, the lines that were left out say the same as before: apostrophes and passwords too', async () => {
  const given = `username,displayName,Password,kind
a-1,"'=1+1",=secret and long,robot
a-2,"''=1+1","'=secret and long",robot
a-3,'t Hooft,@secret and long,robot
a-4,=1+1,,robot
`
  const { header, rows } = await read(given)
  expect(rows.every(({ user }) => user === null)).toBe(true)
  const again = await writeLeftOut(header, rows)
  expect(again).not.toMatch(/(^|\n)[^,]*,"?[=@+-]/)

  const mended = await read(again.replaceAll('robot', 'machine'))
  expect(mended.rows.map(({ user }) => [user?.displayName, user?.password])).toEqual([
    ['=1+1', '=secret and long'],
    ["'=1+1", "'=secret and long"],
    ["'t Hooft", '@secret and long'],
    ['=1+1', undefined],
  ])
})
