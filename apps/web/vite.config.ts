import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { packedFiles } from './packed-files.ts'
import { pagePreloads } from './page-preloads.ts'

/** Where `vite` alone finds the API. The request's origin becomes the API's own, or it would be refused as foreign. */
const api = 'http://127.0.0.1:8080'

/**
 * Each file costs a request with a kilobyte of headers, and compresses worse than a part of a larger one. So there is one file
 * for the sign-in page, one for the console around the pages, and what several pages use is put together.
 */
const fewFiles = [
  { name: 'start', test: /src\/app\/main\.tsx$/, priority: 4 },
  { name: 'console', test: /src\/app\/console-app\.tsx$/, priority: 3 },
  { name: 'lists', test: /src\/ui\/(data-table|filters)\.tsx$/, priority: 2 },
  { name: 'icons', test: /@tabler/, minShareCount: 2, priority: 2 },
  { name: 'contract', test: /packages\/contract\//, minShareCount: 2, priority: 2 },
  { name: 'ui', test: /src\/(ui|app|api)\//, minShareCount: 6, priority: 2 },
  { name: 'part', minShareCount: 2, priority: 1, entriesAware: true },
]

/** A part is named after all files that use it, and with an ending where it is a style sheet. */
function shortName(name: string): string {
  return name.replace(/[~.].*$/, '')
}

export default defineConfig({
  plugins: [react(), pagePreloads(), packedFiles()],
  build: {
    target: 'es2024',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the page allows files of its own origin and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Two pages: the console, and the API's reference, which shares nothing with it.
      input: ['index.html', 'api-reference.html'].map((page) => join(import.meta.dirname, page)),
      output: {
        codeSplitting: { groups: fewFiles },
        chunkFileNames: ({ name }) => `assets/${shortName(name)}-[hash].js`,
        assetFileNames: ({ names: [name = 'asset'] }) => `assets/${shortName(name)}-[hash][extname]`,
      },
    },
    chunkSizeWarningLimit: 2_000,
  },
  server: { proxy: { '/api': { target: api, changeOrigin: true, headers: { origin: api } } } },
})
