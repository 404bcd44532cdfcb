/**
 * What the OpenAPI document says about a feature besides the shapes of its routes. Each feature has one such object in a file
 * `*.openapi.ts` beside its routes. Only `openapi/` imports these files, so that the console's bundle does not contain them.
 */
export interface FeatureDocs {
  /** Descriptions, by the name of a schema, by `Schema.field`, or by a field's name wherever it occurs. The most specific one wins. */
  readonly descriptions?: Readonly<Record<string, string>>
  /**
   * Values of the examples, by `Schema.field`, by `route.field`, by a field's name wherever it occurs, or by the name of a schema. A
   * filter such as `username[eq]` takes the value of its field.
   */
  readonly values?: Readonly<Record<string, unknown>>
  /** Named request bodies, by route. The other routes get a body that is composed from its schema. */
  readonly bodies?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Whole answers, by route: those whose fields depend on each other. */
  readonly answers?: Readonly<Record<string, unknown>>
}
