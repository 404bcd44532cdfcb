/** As much of it as is used here: the types on the registry are those of the version before, which had no `preferred`. */
declare module 'negotiator' {
  // oxlint-disable-next-line import/no-default-export -- it describes how the package exports it
  export default class Negotiator {
    constructor(request: { headers: Record<string, string> })
    /** Those of `available` that the client accepts, best first; `preferred` decides between equal ones. */
    encodings<E extends string>(available: readonly E[], options: { preferred: readonly E[] }): E[]
  }
}
