import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  branches,
  dnOf,
  group,
  groupDn,
  hasSlapd,
  person,
  Slapd,
  servicePassword,
  settingsFor,
} from '../../../test/slapd.ts'
import { Directory } from './directory.ts'
import { listPeople } from './list-people.ts'
import type { FoundPerson } from './people.ts'

const people = 10_000
const uids = Array.from({ length: people }, (_, at) => `person${at}`)
let slapd: Slapd
let directory: Directory

beforeAll(async () => {
  if (!hasSlapd) return
  const entries = uids.map((uid) => person(uid, { password: 'secret' }))
  const teams = Array.from({ length: 100 }, (_, at) => at)
  const groups = [
    group('everybody', uids.map(dnOf)),
    ...teams.map((at) => group(`team${at}`, uids.slice(at * 100, at * 100 + 100).map(dnOf))),
    group(
      'all-teams',
      teams.map((at) => groupDn(`team${at}`)),
    ),
  ]
  slapd = await Slapd.start([branches, ...entries, ...groups].join('\n'))
  directory = new Directory({ settings: settingsFor(slapd), secret: servicePassword })
})

afterAll(async () => {
  directory?.close()
  await slapd?.stop()
})

describe.skipIf(!hasSlapd)('a directory with 10,000 persons', () => {
  test('lists all of them with their groups', async () => {
    const found: FoundPerson[] = []
    const total = await listPeople(directory, {
      now: new Date(),
      withinMs: 60_000,
      known: async (subjects) => new Map(subjects.map((subject) => [subject, true])),
      take: async (some) => void found.push(...some.map((each) => each.found)),
    })
    expect(total).toBe(people)
    expect(new Set(found.map(({ subject }) => subject)).size).toBe(people)
    expect(found.every(({ groups }) => groups?.length === 3)).toBe(true)
  })
})
