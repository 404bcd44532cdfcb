/** The contract's schemas as JSON Schema 2020-12 for OpenAPI 3.1. Schemas with a name in the contract keep it. */
import * as z from 'zod/mini'
import * as catalogue from '../access/catalogue.ts'
import * as access from '../access/decision.ts'
import * as permissions from '../access/permission.ts'
import * as heldPermissions from '../access/permissions.ts'
import * as roles from '../access/roles.ts'
import * as base from '../base.ts'
import * as admissionRules from '../brokers/admission-rules.ts'
import * as broker from '../brokers/broker.ts'
import * as brokers from '../brokers/brokers.ts'
import * as capabilities from '../brokers/capabilities.ts'
import * as decisions from '../brokers/decisions.ts'
import * as enforcers from '../brokers/enforcers.ts'
import * as inventory from '../brokers/inventory.ts'
import * as brokerLimits from '../brokers/limits.ts'
import * as listeners from '../brokers/listeners.ts'
import * as mqttSessions from '../brokers/mqtt-sessions.ts'
import * as payload from '../brokers/payload.ts'
import * as retained from '../brokers/retained.ts'
import * as serverCertificates from '../brokers/server-certificates.ts'
import * as topics from '../brokers/topics.ts'
import * as upstreams from '../brokers/upstreams.ts'
import * as authorities from '../certificates/authorities.ts'
import * as builtInAuthority from '../certificates/built-in-authority.ts'
import * as certificates from '../certificates/check.ts'
import * as revocationLists from '../certificates/crls.ts'
import * as expiry from '../certificates/expiry.ts'
import * as trustImpact from '../certificates/impact.ts'
import * as revocations from '../certificates/revocations.ts'
import * as errors from '../errors.ts'
import * as identities from '../identity/identities.ts'
import * as password from '../identity/password.ts'
import * as providerNames from '../identity/provider-names.ts'
import * as providerPreviews from '../identity/provider-previews.ts'
import * as providerSettings from '../identity/provider-settings.ts'
import * as providerTest from '../identity/provider-test.ts'
import * as providers from '../identity/providers.ts'
import * as mfa from '../identity/second-factors.ts'
import * as sessions from '../identity/sessions.ts'
import * as session from '../identity/sign-in.ts'
import * as tokens from '../identity/tokens.ts'
import * as users from '../identity/users.ts'
import * as audit from '../operations/audit.ts'
import * as overview from '../operations/overview.ts'
import * as settings from '../operations/settings.ts'
import * as paging from '../paging.ts'
import { sentenceOn } from './words.ts'

export type Json = Record<string, unknown>

/**
 * `input`: the shape that a caller sends; `output`: the shape of an answer, where fields with a default are always
 * present.
 */
export type Side = 'input' | 'output'

/** Collects the components of one document. */
export interface SchemaBook {
  /** Components by name; filled while schemas are written. */
  readonly components: Record<string, Json>
  /** Fields without an example value; filled while examples are made. A test expects it to be empty. */
  readonly withoutValue: Set<string>
  /** Returns this schema with references to the named components. */
  write(schema: z.ZodMiniType, side: Side): Json
  /** Returns the fields of an object that is not a component, such as the parameters of a path. */
  fieldsOf(schema: z.ZodMiniType): { properties: Record<string, Json>; required: readonly string[] }
  /** Returns the component that a reference names, or the schema itself. */
  resolve(schema: Json): Json
}

const names = z.registry<{ id: string }>()
for (const module of [
  base,
  paging,
  permissions,
  users,
  roles,
  tokens,
  trustImpact,
  access,
  catalogue,
  heldPermissions,
  session,
  sessions,
  mfa,
  password,
  providerNames,
  providerPreviews,
  providerSettings,
  providerTest,
  providers,
  identities,
  authorities,
  certificates,
  builtInAuthority,
  revocations,
  revocationLists,
  expiry,
  broker,
  brokerLimits,
  capabilities,
  inventory,
  brokers,
  enforcers,
  admissionRules,
  listeners,
  upstreams,
  mqttSessions,
  payload,
  retained,
  serverCertificates,
  topics,
  decisions,
  overview,
  audit,
  settings,
  errors,
]) {
  for (const [name, value] of Object.entries(module)) {
    if (value instanceof z.core.$ZodType && !names.has(value)) names.add(value, { id: name })
  }
}

/** Returns an empty book. `write` throws if two schemas have the same name. */
export function openSchemaBook(): SchemaBook {
  const components: Record<string, Json> = {}

  function keep(definitions: Readonly<Record<string, Json>>): void {
    for (const [name, definition] of Object.entries(definitions)) {
      const schema = tidy(definition, name)
      // A schema with a default inside differs between input and output: it needs two names in the contract.
      const isOther = name in components && JSON.stringify(components[name]) !== JSON.stringify(schema)
      if (isOther) throw new Error(`Two schemas are called ${name}`)
      components[name] = schema
    }
  }

  function fieldsOf(schema: z.ZodMiniType, side: Side) {
    const { $ref, $defs = {}, ...unnamed } = toJson(schema, side)
    const { [nameOf({ $ref }) ?? '']: named, ...others } = $defs
    const { properties = {}, required = [] } = (named as JsonObject | undefined) ?? unnamed
    keep(others)
    return { properties: tidyProperties(properties), required }
  }

  return {
    components,
    withoutValue: new Set(),
    // Wrapped in an object, so that a named schema becomes a reference like all others.
    write: (schema, side) => fieldsOf(z.object({ it: schema }), side).properties['it'] ?? {},
    fieldsOf: (schema) => fieldsOf(schema, 'input'),
    resolve: (schema) => {
      const name = nameOf(schema)
      return name === undefined ? schema : (components[name] ?? {})
    },
  }
}

interface JsonObject {
  $ref?: string
  properties?: Record<string, Json>
  required?: string[]
  $defs?: Record<string, Json>
}

function toJson(schema: z.ZodMiniType, side: Side): JsonObject {
  return z.toJSONSchema(schema, {
    io: side,
    metadata: names,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => adapt(zodSchema, jsonSchema),
  }) as unknown as JsonObject
}

/** Returns the name of the component that a reference points to; undefined for other schemas. */
export function nameOf({ $ref: reference }: Json): string | undefined {
  return typeof reference === 'string' ? reference.split('/').at(-1) : undefined
}

function adapt(schema: z.core.$ZodType, json: z.core.JSONSchema.BaseSchema): void {
  const { def } = schema._zod
  // A later version may add fields to an answer; only strict schemas exclude them.
  if (def.type === 'object' && !(def as z.core.$ZodObjectDef).catchall) delete json.additionalProperties
  // A union by a discriminator. Its members exclude each other, so `anyOf` says the same.
  if (json.oneOf) {
    json.anyOf = json.oneOf
    delete json.oneOf
  }
  if (schema === paging.PageSize) {
    delete json.anyOf
    Object.assign(json, { type: 'integer', minimum: 1, maximum: paging.maxPageSize })
  }
  // A record with known keys becomes an object with these fields.
  const keys = def.type === 'record' ? (def as z.core.$ZodRecordDef).keyType._zod.values : undefined
  if (keys && typeof json.additionalProperties === 'object') {
    const each = json.additionalProperties
    json.properties = Object.fromEntries([...keys].map((key) => [String(key), { ...each }]))
    delete json.propertyNames
    delete json.additionalProperties
  }
}

function tidy(schema: Json, owner?: string): Json {
  const { id: _id, properties, default: otherwise, ...rest } = schema
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, tidyMember(key, value)])),
    // As text: generators treat a field with a `default` as required.
    ...(otherwise !== undefined && { description: `Default: \`${JSON.stringify(otherwise)}\`.` }),
    ...(owner && sentenceOn(owner)),
    ...(properties !== undefined && { properties: tidyProperties(properties as Record<string, Json>, owner) }),
  }
}

function tidyProperties(properties: Record<string, Json>, owner?: string): Record<string, Json> {
  const each = Object.entries(properties).map(([name, property]) => [
    name,
    { ...tidy(property), ...sentenceOn(name, owner) },
  ])
  return Object.fromEntries(each)
}

function tidyMember(key: string, value: unknown): unknown {
  if (key === '$ref') return String(value).replace('#/$defs/', '#/components/schemas/')
  // Every number of this API is a count.
  if (key === 'type') return JSON.parse(JSON.stringify(value).replaceAll('"number"', '"integer"'))
  if (Array.isArray(value) && /^(anyOf|oneOf|allOf|prefixItems)$/.test(key))
    return value.map((member) => tidy(member as Json))
  return key === 'items' ? tidy(value as Json) : value
}
