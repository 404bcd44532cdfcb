/** Values that a schema must refuse, and strange values. */
import { type Json, nameOf, type SchemaBook } from '@gatehouse/contract/openapi/schemas'

export interface BadValue {
  says: string
  /** `undefined`: left out. */
  value: unknown
  /** False: the contract decides whether the value is valid. */
  isBad: boolean
}

const hostileTexts = ['', ' ', '\0', '\ud800', 'a\nb', '__proto__', 'x'.repeat(65_536)]

const hostileNumbers = [-1, 1.5, 1e21, Number.MAX_SAFE_INTEGER]

const samples: Readonly<Record<string, unknown>> = { null: null, integer: 7, string: 'text', array: [], object: {} }

/** Invalid filters and paths, and texts that an index cannot hold. */
const badPermissions: BadValue[] = [
  ...['a/#/b', '+a', 'a+/b', '#a', 'a/b#', '##', '', 'a\0b', '\ud800', 'x'.repeat(1_025), 'x'.repeat(65_536)].map(
    (resource) => ({ context: 'mqtt', resource, operation: 'read' }),
  ),
  ...['api/users', '#', '/api/#/users', '/api/+users'].map((resource) => ({
    context: 'http',
    resource,
    operation: 'write',
  })),
  { context: 'ftp', resource: 'a', operation: 'read' },
  { context: 'mqtt', resource: 'a', operation: 'own' },
].map((value) => ({ says: `${value.context} ${JSON.stringify(value.resource.slice(0, 20))}`, value, isBad: true }))

/** Replaces this valid value. */
export function badValuesFor(schema: Json, good: unknown, book: SchemaBook): BadValue[] {
  const types = typesOf(schema, book)
  const others = types ? Object.keys(samples).filter((type) => !types.has(type)) : []
  const shape = shapeOf(schema, good, book)
  return [
    ...others.map((type) => ({ says: type, value: samples[type], isBad: true })),
    ...(nameOf(schema) === 'Permission' ? badPermissions : []),
    ...(typeof good === 'string' ? badTexts(shape) : []),
    ...(typeof good === 'number' ? badNumbers(shape) : []),
    ...(Array.isArray(good) ? badLengths(shape, good) : []),
    ...(isObject(good) ? badMembers(shape, good) : []),
  ]
}

/** The alternative that the value matches. */
export function shapeOf(schema: Json, value: unknown, book: SchemaBook): Json {
  const shape = book.resolve(schema)
  const { anyOf } = shape as { anyOf?: Json[] }
  if (!anyOf) return shape
  const shapes = anyOf.map((each) => shapeOf(each, value, book))
  if (!isObject(value)) return shapes.find((each) => typesOf(each, book)?.has(typeOf(value))) ?? shape
  return (
    shapes.find(({ properties = {} }) => Object.keys(value).every((name) => name in (properties as object))) ?? shape
  )
}

/** The JSON types that a schema accepts; null if it has none. */
function typesOf(schema: Json, book: SchemaBook): Set<string> | null {
  const shape = book.resolve(schema)
  const { type, anyOf, enum: values } = shape as { type?: string; anyOf?: Json[]; enum?: unknown[] }
  const named = values ?? ('const' in shape ? [shape['const']] : undefined)
  if (named) return new Set(named.map(typeOf))
  if (type) return new Set([type])
  const inside = anyOf?.map((each) => typesOf(each, book)) ?? [null]
  return inside.includes(null) ? null : new Set(inside.flatMap((types) => [...(types ?? [])]))
}

export function badTexts(schema: Json): BadValue[] {
  const { minLength = 0, maxLength, pattern, enum: values, const: only } = schema as TextSchema
  const lengths = [...(minLength > 0 ? [minLength - 1] : []), ...(maxLength === undefined ? [] : [maxLength + 1])]
  const rule = pattern === undefined ? null : new RegExp(pattern, 'u')
  return [...hostileTexts, ...lengths.map((length) => 'x'.repeat(length))].map((value) => ({
    says: `${JSON.stringify(value.slice(0, 20))} of ${value.length}`,
    value,
    isBad:
      value.length < minLength ||
      value.length > (maxLength ?? Number.POSITIVE_INFINITY) ||
      rule?.test(value) === false ||
      values !== undefined ||
      only !== undefined,
  }))
}

interface TextSchema {
  minLength?: number
  maxLength?: number
  pattern?: string
  enum?: unknown[]
  const?: unknown
}

function badNumbers(schema: Json): BadValue[] {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema as Record<string, number>
  return [...hostileNumbers, minimum - 1, maximum + 1].filter(Number.isFinite).map((value) => ({
    says: String(value),
    value,
    isBad: value < minimum || value > maximum || !Number.isInteger(value),
  }))
}

function badLengths(schema: Json, good: unknown[]): BadValue[] {
  const { minItems = 0, maxItems } = schema as { minItems?: number; maxItems?: number }
  const item = good[0] ?? null
  return [
    ...(minItems > 0 ? [{ says: 'nothing in it', value: [], isBad: true }] : []),
    ...(maxItems === undefined
      ? []
      : [{ says: 'one too many', value: Array.from({ length: maxItems + 1 }, () => item), isBad: true }]),
  ]
}

function badMembers({ additionalProperties }: Json, good: Record<string, unknown>): BadValue[] {
  return ['nobody-named-this', '__proto__', ''].map((name) => ({
    says: `with ${JSON.stringify(name)}`,
    value: withMember(good, name, { isAdmin: true }),
    isBad: additionalProperties === false,
  }))
}

/** Uses defineProperty, so that `__proto__` becomes an ordinary member. */
function withMember(good: object, name: string, value: unknown): object {
  return Object.defineProperty({ ...good }, name, { value, enumerable: true })
}

function typeOf(value: unknown): string {
  if (value === null || Array.isArray(value)) return value === null ? 'null' : 'array'
  return typeof value === 'number' ? 'integer' : typeof value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
