/**
 * Generates invalid input for a route from its schemas in the OpenAPI document: each value left out, of
 * another type, one character too long, or strange. So a new field is tested automatically.
 */
import { bodyExamples, exampleOf } from '@gatehouse/contract/openapi/examples'
import type { Json, SchemaBook } from '@gatehouse/contract/openapi/schemas'
import type { Route } from '@gatehouse/contract/route'
import { badTexts, badValuesFor, shapeOf } from './bad-values.ts'

export interface BadInput {
  says: string
  /** Replaces parameters of the path. */
  params?: Record<string, string>
  /** The query string. */
  query?: string
  body?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
  /** False: the contract decides whether the value is valid. */
  isBad: boolean
}

type Key = string | number

/** A value inside an example body, and its schema. */
export interface Place {
  example: unknown
  path: readonly Key[]
  value: unknown
  schema: Json
  /** The body is invalid without it. */
  isRequired: boolean
}

export function badInputsOf(route: Route, book: SchemaBook): BadInput[] {
  return [...badParams(route, book), ...badQueries(route, book), ...badBodies(route, book), ...brokenBodies(route)]
}

/** Each place once, from the first example that has it. */
export function placesIn(route: Route, book: SchemaBook): Place[] {
  if (!route.body) return []
  const schema = book.write(route.body, 'input')
  // The examples of the document are short. The last one has every field.
  const examples = [...Object.values(bodyExamples(route.id, schema, book)), exampleOf(schema, book)]
  const places = examples.flatMap((example) => [
    ...walk({ example, path: [], value: example, schema, isRequired: false }, book),
  ])
  return [...new Map(places.toReversed().map((place) => [place.path.join('.'), place])).values()].toReversed()
}

function* walk(place: Place, book: SchemaBook): Generator<Place> {
  const { path, value, schema } = place
  yield place
  const shape = shapeOf(schema, value, book) as Shape
  if (Array.isArray(value)) {
    const [first] = value
    if (first !== undefined && shape.items)
      yield* walk({ ...place, path: [...path, 0], value: first, schema: shape.items, isRequired: false }, book)
    return
  }
  for (const [name, property] of Object.entries(shape.properties ?? {})) {
    const inner = (value as Record<string, unknown>)[name]
    if (inner === undefined) continue
    // Without it, a body with alternatives may match another one.
    const isRequired = shape.required?.includes(name) === true && (path.length > 0 || !('anyOf' in schema))
    yield* walk({ ...place, path: [...path, name], value: inner, schema: property, isRequired }, book)
  }
}

interface Shape {
  properties?: Record<string, Json>
  required?: string[]
  items?: Json
}

/** Tries values that the schema alone cannot judge. The contract decides. */
export function badBodies(route: Route, book: SchemaBook): BadInput[] {
  return placesIn(route, book).flatMap(({ example, path, value, schema, isRequired }) => {
    const withOther = (says: string, other: unknown, isBad: boolean) => ({
      says: `${path.join('.') || 'body'}: ${says}`,
      body: JSON.stringify(replaced(example, path, other)),
      isBad,
    })
    const others = badValuesFor(schema, value, book).map((bad) => withOther(bad.says, bad.value, bad.isBad))
    return isRequired ? [withOther('left out', undefined, true), ...others] : others
  })
}

/** Bodies that are invalid for every route. */
function brokenBodies(route: Route): BadInput[] {
  if (!route.body) return []
  const isBad = true
  const texts = ['', '{', '[]', 'null', '['.repeat(50_000), '{"a":'.repeat(10_000)]
  const types = ['text/plain', 'multipart/form-data; boundary=x']
  const large = Buffer.alloc((route.maxBytes ?? 100 * 1024) + 1, ' ')
  return [
    ...texts.map((body) => ({ says: `the body ${JSON.stringify(body.slice(0, 10))}`, body, isBad })),
    ...types.map((type) => ({ says: type, body: '{}', headers: { 'Content-Type': type }, isBad })),
    { says: 'bytes that are no UTF-8', body: Buffer.from([0x22, 0xff, 0xfe, 0x22]), isBad },
    { says: 'a body too large by one byte', body: large, isBad },
  ]
}

const badIds = ['x', '%00', '%ff', '%', '%2e%2e%2f', '__proto__', '%ed%a0%80', '0'.repeat(5_000)]

function badParams(route: Route, book: SchemaBook): BadInput[] {
  if (!route.params) return []
  const { properties } = book.fieldsOf(route.params)
  return Object.keys(properties).flatMap((name) =>
    badIds.map((value) => ({ says: `${name} ${value.slice(0, 20)}`, params: { [name]: value }, isBad: true })),
  )
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Invalid values of query parameters. */
const badTo: Readonly<Record<string, readonly string[]>> = {
  cursor: ['rubbish', '%00', ...[{}, [], null, 7, [1, 2], ['a'], [null, 'a'], [['a'], 'b']].map(encoded)],
  limit: ['0', '-1', '201', '1e3', '1.5', '99999', 'all'],
  sort: ['-', 'nothing', '--username', '__proto__'],
}

/** Cursors of the right shape that the server never issued. They must not break anything. */
const oddCursors = [
  ['', ''],
  ['\0', '\0'],
  ['\ud800', 'x'],
  ['x'.repeat(5_000), 'no id'],
].map(encoded)

function badQueries(route: Route, book: SchemaBook): BadInput[] {
  const given = route.search ? book.fieldsOf(route.search).properties : {}
  const unknown = ['nobody-named-this=1', '__proto__=1', '=1', 'search[]=1']
  return [
    ...unknown.map((query) => ({ says: `?${query}`, query, isBad: true })),
    ...Object.entries(given).flatMap(([name, property]) => badParameters(name, book.resolve(property))),
  ]
}

function badParameters(name: string, schema: Json): BadInput[] {
  const parameter = (text: string, isBad: boolean) => ({
    says: `?${name}=${text.slice(0, 20)}`,
    query: `${encodeURIComponent(name)}=${text}`,
    isBad,
  })
  const texts = name in badTo ? [] : badTexts(schema).filter(({ value }) => value !== '')
  return [
    // A repeated parameter is a list, and no parameter takes a list.
    parameter(`a&${encodeURIComponent(name)}=b`, true),
    parameter('%ff%', false),
    ...texts.map(({ value, isBad }) => parameter(inAddress(String(value)), isBad)),
    ...(badTo[name] ?? []).map((text) => parameter(text, true)),
    ...(name === 'cursor' ? oddCursors.map((text) => parameter(text, false)) : []),
  ]
}

/** The HTTP server refuses a longer URL itself. */
function inAddress(text: string): string {
  return encodeURIComponent(text.slice(0, 9_001).toWellFormed())
}

/** The example with another value at this place. `undefined` removes it. */
export function replaced(example: unknown, path: readonly Key[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(example)) return example.map((item, at) => (at === key ? replaced(item, rest, value) : item))
  return { ...(example as object), [key]: replaced((example as Record<Key, unknown>)[key], rest, value) }
}
