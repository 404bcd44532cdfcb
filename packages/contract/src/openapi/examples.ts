/**
 * Examples for the document, put together field by field from `openapi-values.ts`: so every operation has them, and the same
 * thing looks the same everywhere. A field without a value is an error, so that none is forgotten.
 */
import { type Json, nameOf, type SchemaBook } from './schemas.ts'
import { values } from './values.ts'

const madeUser = { id: values['Id'], username: 'line-3-press' }

const pem = values['AuthorityUpload.certificates']
const keyPem = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHsMFcGCSqGSIb3DQEFDTBK…\n-----END ENCRYPTED PRIVATE KEY-----\n'
const bySerialNumber = { authority: values['Fingerprint'], serialNumber: '4f:a1:c7' }

/** Bodies that are worth telling apart, by route; the others are made from their schemas. */
const bodies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'users.create': {
    'A machine that shows a certificate': {
      username: 'line-3-press',
      grantTypes: [{ method: 'certificate' }],
      permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' }],
    },
    'A person with a password': { username: 'maria', displayName: 'Maria Lindqvist', password: values['Password'] },
  },
  'certificates.check': { Example: { certificates: pem } },
  'builtInAuthority.replace': {
    'A new one, made here': { renew: true },
    'One of the company': { certificate: pem, key: keyPem, password: values['password'] },
  },
  'userTransfer.batch': { Example: { users: [{ username: madeUser.username, roles: [values['role']] }] } },
  'users.update': {
    'Disable: its connections end': { disabled: true },
    'Demand a certificate and a password together': {
      grantTypes: [
        { method: 'certificate', isRequired: true },
        { method: 'password', isRequired: true },
      ],
    },
  },
  'revocations.impact': { 'A live connection': { connectionId: 'c-17' } },
  'revocations.create': {
    'By its serial number': { ...bySerialNumber, reason: 'keyCompromise', note: 'Stolen from the workshop' },
    'What a live connection has shown': { connectionId: 'c-17', reason: 'superseded' },
  },
  'tokens.create': {
    'For reading users, until a day': {
      label: 'nightly import',
      expiresAt: '2027-11-20T08:15:00Z',
      permissions: [{ context: 'http', resource: '/api/users/#', operation: 'read' }],
    },
    'For whatever I may do, for ever': { label: 'deployment', expiresAt: null },
  },
  'session.login': {
    'With a password': {
      username: 'admin',
      password: values['Password'],
      expireTimeInHours: 24,
      label: 'nightly import',
    },
    'With a second factor': { username: 'admin', password: values['Password'], code: '492039' },
  },
  'settings.update': {
    'Demand a second factor of everyone': { mfa: { requiredFor: 'everyone', roles: [] } },
    'Shorter sessions': { session: { idleMinutes: 10, absoluteHours: 8 } },
  },
}

const steps = [0, 3, 2]

/** Answers whose fields say something together. */
const answers: Readonly<Record<string, unknown>> = {
  'userTransfer.batch': { users: [madeUser] },
  'certificates.check': {
    admitted: false,
    reason: 'no_certificate_grant',
    returnCode: 5,
    username: madeUser.username,
    userId: madeUser.id,
    fingerprint: values['Fingerprint'],
    checks: [
      { check: 'chain', ok: true, detail: { authorityName: 'Line 3 Device CA' } },
      { check: 'grant', ok: false, detail: { grantTypes: [{ method: 'password', isRequired: false }] } },
      { check: 'topics', ok: null, detail: {} },
    ],
  },
  'overview.view': {
    users: { total: 412, factorMissing: 3, lastSignIns: [{ ...madeUser, kind: 'machine', at: values['at'] }] },
    authorities: { total: 4, expiries: { expired: 0, '7-days': 0, '30-days': 1, '60-days': 1 } },
    broker: { running: true, listeners: [], connections: 318, serverCertificate: null },
    certificates: { expired: 0, '7-days': 2, '30-days': 9, '60-days': 14 },
    storage: { state: 'low', freeBytes: 402_653_184 },
    refusals: { since: values['at'], count: 7, isMore: false },
  },
  'overview.expiries': {
    next: [
      {
        kind: 'seen',
        fingerprint: values['Fingerprint'],
        name: madeUser.username,
        notBefore: values['notBefore'],
        notAfter: values['notAfter'],
        userId: madeUser.id,
      },
    ],
    from: values['at'],
    weeks: { authority: [0, 0, 1], issued: [0, 2, 0], seen: [4, 9, 31] },
  },
  'overview.activity': {
    from: values['at'],
    stepSeconds: 900,
    connections: [316, 318, 318],
    broker: { admitted: steps, refused: [0, 0, 7] },
    console: null,
  },
}

/** An example of what a route answers with. */
export function answerExample(route: string, schema: Json, book: SchemaBook): unknown {
  return answers[route] ?? exampleOf(schema, book, { name: '', owner: route })
}

/** By media type; the files of lists differ too much. */
export const fileExamples: Readonly<Record<string, unknown>> = {
  'application/x-pem-file': values['AuthorityUpload.certificates'],
}

/** Named examples of a body: its alternatives where it has some, else one. */
export function bodyExamples(route: string, schema: Json, book: SchemaBook): Record<string, unknown> {
  const written = bodies[route]
  if (written) return written
  const { anyOf: alternatives = [schema] } = book.resolve(schema) as { anyOf?: Json[] }
  return Object.fromEntries(
    alternatives.map((each) => {
      const example = exampleOf(each, book)
      return [alternatives.length > 1 ? `With ${Object.keys(example as object).join(', ')}` : 'Example', example]
    }),
  )
}

interface Place {
  /** The field; empty for what is none. */
  name: string
  /** The schema, by name, that it is a field of. */
  owner?: string | undefined
}

const outside: Place = { name: '' }

/** One example of this schema. */
export function exampleOf(schema: Json, book: SchemaBook, { name, owner }: Place = outside): unknown {
  const written = [`${owner}.${name}`, name, name.replace(/\[.*\]$/, '')]
  const reference = nameOf(schema)
  const target = book.resolve(schema)
  // A field that is a thing of its own takes that thing's fields: `password` is a text in one place and a policy in another.
  const known = reference !== undefined && target['properties'] ? written.slice(0, 1) : written
  const key = [...known, reference ?? ''].find((each) => each in values)
  if (key !== undefined) return values[key]
  return reference === undefined
    ? composed(schema, book, { name, owner })
    : composed(target, book, { name, owner: reference })
}

function composed(schema: Json, book: SchemaBook, { name, owner }: Place): unknown {
  const { properties, anyOf, items } = schema as { properties?: Record<string, Json>; anyOf?: Json[]; items?: Json }
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  if (anyOf?.[0]) return exampleOf(anyOf[0], book, { name, owner })
  if (items) return [exampleOf(items, book, { name, owner })]
  if (!properties) return missing(`${owner ?? ''}.${name}`, schema, book)
  return Object.fromEntries(
    Object.entries(properties).map(([field, property]) => [field, exampleOf(property, book, { name: field, owner })]),
  )
}

function missing(field: string, { type }: Json, book: SchemaBook): unknown {
  book.withoutValue.add(field)
  return type === 'integer' ? 0 : type === 'boolean' ? false : '…'
}
