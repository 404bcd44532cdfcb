// Makes this file a module, so that the declaration below adds to vitest's instead of taking their place.

declare module 'vitest' {
  interface ProvidedContext {
    /** How many times as many cases a test generates: 5 in `npm test -- --all`, see vitest.config.ts. */
    timesCases: number
  }
}
