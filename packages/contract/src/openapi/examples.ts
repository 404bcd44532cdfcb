/**
 * Examples for the OpenAPI document, composed field by field from the values of the features, so that every operation has one and the
 * same thing looks the same everywhere. A field without a value is recorded in `SchemaBook.withoutValue`; a test expects none.
 */
import { answers, bodies, values } from './all-docs.ts'
import { certificatePem } from './example-data.ts'
import { type Json, nameOf, type SchemaBook } from './schemas.ts'

/** Returns an example of what the route answers with. */
export function answerExample(route: string, schema: Json, book: SchemaBook): unknown {
  return answers[route] ?? exampleOf(schema, book, { name: '', owner: route })
}

/** Examples of files by media type. Exports of lists have none: they differ too much. */
export const fileExamples: Readonly<Record<string, unknown>> = { 'application/x-pem-file': certificatePem }

/** Returns named examples of a request body: those of the feature, else one for each alternative of the schema. */
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

interface Field {
  /** Empty for a schema that is not the value of a field. */
  name: string
  /** The name of the schema, or the id of the route, that has the field. */
  owner?: string | undefined
}

const noField: Field = { name: '' }

/** Returns one example of this schema, as the value of a field where one is named. */
export function exampleOf(schema: Json, book: SchemaBook, { name, owner }: Field = noField): unknown {
  const keys = [`${owner}.${name}`, name, name.replace(/\[.*\]$/, '')]
  const reference = nameOf(schema)
  const target = book.resolve(schema)
  // Objects are composed from their own fields: `password` is a text in one place and a policy in another.
  const usable = reference !== undefined && target['properties'] ? keys.slice(0, 1) : keys
  const key = [...usable, reference ?? ''].find((each) => each in values)
  if (key !== undefined) return values[key]
  return reference === undefined
    ? composed(schema, book, { name, owner })
    : composed(target, book, { name, owner: reference })
}

function composed(schema: Json, book: SchemaBook, { name, owner }: Field): unknown {
  const { properties, anyOf, items } = schema as { properties?: Record<string, Json>; anyOf?: Json[]; items?: Json }
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return schema['enum'][0]
  if (anyOf?.[0]) return exampleOf(anyOf[0], book, { name, owner })
  if (items) return [exampleOf(items, book, { name, owner })]
  if (!properties) return placeholder(`${owner ?? ''}.${name}`, schema, book)
  return Object.fromEntries(
    Object.entries(properties).map(([field, property]) => [field, exampleOf(property, book, { name: field, owner })]),
  )
}

function placeholder(field: string, { type }: Json, book: SchemaBook): unknown {
  book.withoutValue.add(field)
  return type === 'integer' ? 0 : type === 'boolean' ? false : '…'
}
