/**
 * The part of the package that is used here. The types on the registry describe the previous version, which had no
 * `preferred`.
 */
declare module 'negotiator' {
  // oxlint-disable-next-line import/no-default-export -- it describes how the package exports it
  export default class Negotiator {
    constructor(request: { headers: Record<string, string> })
    /** The encodings of `available` that the client accepts, best first. `preferred` decides between equal ones. */
    encodings<E extends string>(available: readonly E[], options: { preferred: readonly E[] }): E[]
    /** The languages of `available` that the client accepts, best first. */
    languages(available: readonly string[]): string[]
  }
}
