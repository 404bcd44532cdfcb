import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { packedFiles } from './packed-files.ts'

/** Where `vite` alone finds the API. The request's origin becomes the API's own, or it would be refused as foreign. */
const api = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), packedFiles()],
  build: {
    target: 'es2024',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The policy of the page allows files of its own origin and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Two pages: the console, and the API's reference, which shares nothing with it.
    rolldownOptions: { input: ['index.html', 'api-reference.html'].map((page) => join(import.meta.dirname, page)) },
    chunkSizeWarningLimit: 2_000,
  },
  server: { proxy: { '/api': { target: api, changeOrigin: true, headers: { origin: api } } } },
})
