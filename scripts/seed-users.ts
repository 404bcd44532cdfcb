/** Makes the users and roles of a large plant. Every run makes the same ones. */

import type { NewUser } from '../apps/bff/src/identity/users/insert-store.ts'
import type { Permission } from '../packages/contract/src/access/permission.ts'
import type { Role } from '../packages/contract/src/access/roles.ts'

/** All dates start here, so that two runs are equal. */
const began = Date.UTC(2023, 0, 2, 6)
const until = Date.UTC(2026, 0, 1)

const sites = ['hamburg', 'lyon', 'porto', 'gdansk', 'osaka', 'leon', 'turku', 'graz', 'cork', 'pune']
const machines = ['press', 'oven', 'conveyor', 'scale', 'robot', 'sensor', 'valve', 'pump', 'plc', 'gateway', 'camera']
const areas = [
  'assembly',
  'paint',
  'packing',
  'utilities',
  'warehouse',
  'welding',
  'quality',
  'energy',
  'logistics',
  'lab',
]
const duties = [
  'operator',
  'reader',
  'maintainer',
  'sensors',
  'actuators',
  'dashboard',
  'gateway',
  'lead',
  'auditor',
  'guest',
]
const first = [
  'Maria',
  'Jonas',
  'Aiko',
  'Lena',
  'Pedro',
  'Anna',
  'Jan',
  'Olga',
  'Li',
  'Sofia',
  'Noah',
  'Émilie',
  'Łukasz',
  'Inès',
]
const last = [
  'Lindqvist',
  'Weber',
  'Tanaka',
  'Berg',
  'Novák',
  'Smith',
  'García',
  'Müller',
  'Rossi',
  'Dubois',
  'Kim',
  'Okafor',
]

export function seedRole(at: number): Omit<Role, 'userCount'> {
  const [site, area, duty] = [pick(sites, at), pick(areas, Math.floor(at / 10)), pick(duties, Math.floor(at / 100))]
  const permissions: Permission[] = [
    { context: 'mqtt', resource: `${site}/${area}/+/state`, operation: 'read' },
    { context: 'mqtt', resource: `${site}/${area}/+/${duty}`, operation: 'write' },
  ]
  return {
    id: idAt(began + at, at, 0),
    name: `${site}-${area}-${duty}${at < 1_000 ? '' : `-${at}`}`,
    description: `${duty} in ${area}, ${site}`,
    builtIn: false,
    permissions,
    createdAt: new Date(began).toISOString(),
    version: 1,
  }
}

/** One in twenty is a person with a password. The others are machines with certificates. */
export function seedUser(
  at: number,
  { of, roles, passwordHash }: { of: number; roles: string[]; passwordHash: string },
): NewUser {
  const random = randomFrom(at)
  const isPerson = random() < 0.05
  const createdMs = began + Math.floor(((until - began) * at) / of)
  const person = isPerson ? [anyOf(first, random), anyOf(last, random)] : null
  const username = person ? `${person.map(toAscii).join('.')}.${at}` : machineName(at, random)
  const isTokenUser = random() < 0.02
  return {
    id: idAt(createdMs, at, random()),
    username,
    displayName: person?.join(' ') ?? null,
    kind: isPerson ? 'person' : 'machine',
    identityProvider: 'local',
    grantTypes: [
      isPerson ? { method: 'password', isRequired: false } : { method: 'certificate', isRequired: random() < 0.3 },
      ...(isTokenUser ? [{ method: 'token' as const, isRequired: false }] : []),
    ],
    // A few roles have many holders, most have a few hundred.
    roles: [...new Set([anyOf(roles, () => random() ** 3), ...(random() < 0.1 ? [anyOf(roles, random)] : [])])],
    permissions:
      random() < 0.01 ? [{ context: 'mqtt', resource: `devices/${username}/#`, operation: 'readWrite' }] : [],
    mqttPublishPrefix: !isPerson && random() < 0.1 ? `devices/${username}/` : null,
    tags: [],
    passwordHash: isPerson ? passwordHash : null,
    mustChangePassword: false,
    mfaRequired: isPerson && random() < 0.2,
    disabledAt: random() < 0.02 ? new Date(createdMs + 86_400_000).toISOString() : null,
    lastSignInAt: random() < 0.8 ? new Date(createdMs + Math.floor(random() * 864e5 * 30)).toISOString() : null,
    createdAt: new Date(createdMs).toISOString(),
    version: 1,
  }
}

function machineName(at: number, random: () => number): string {
  const line = `line-${1 + Math.floor(random() * 30)}`
  return `${anyOf(sites, random)}-${line}-${anyOf(machines, random)}-${String(at).padStart(7, '0')}`
}

function toAscii(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').replace('Ł', 'L').toLowerCase()
}

/** A UUIDv7 whose random bits come from the generator below. */
function idAt(ms: number, at: number, random: number): string {
  const time = ms.toString(16).padStart(12, '0')
  const tail = `${(at % 65_536).toString(16).padStart(4, '0')}${Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`
  return `${time.slice(0, 8)}-${time.slice(8)}-7${(at & 0xfff).toString(16).padStart(3, '0')}-8000-${tail}`
}

/** mulberry32: a small generator that gives the same numbers everywhere. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function pick<T>(list: readonly T[], at: number): T {
  return list[at % list.length] as T
}

function anyOf<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}
