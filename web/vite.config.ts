/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

declare const process: { env: Record<string, string | undefined> }

// The port is where `heed serve` listens; HEED_URL names another one while developing.
const backend = process.env.HEED_URL ?? 'http://localhost:8686'

// MJML's bundle looks for the global object by making code from text, which our content policy refuses and reports.
const noEval: Plugin = {
  name: 'heed-no-eval',
  transform: (code, id) => (/mjml/.test(id) ? code.replace(/(new )?Function\("return this"\)\(\)/g, 'globalThis') : undefined),
}

export default defineConfig({
  plugins: [react(), noEval],
  build: {
    target: 'es2022', chunkSizeWarningLimit: 900,
    // All that every page needs is one file; left alone it is forty, most below 2 KB, and the browser asks for six at a time. What
    // only some pages share stays apart, unless it is smaller than what asking for it costs.
    rolldownOptions: { output: {
      chunkFileNames: (chunk) => `assets/${chunk.name.split('~')[0]}-[hash].js`,
      codeSplitting: { groups: [{ name: 'first', tags: ['$initial'], priority: 1 }, { name: 'shared', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 1500 }] },
    } },
  },
  server: { proxy: { '/api': backend, '/v1': backend, '/frame': backend } },
  // Some tests read every style or catalogue: on a busy machine that takes longer than the five seconds of the default.
  test: { environment: 'node', testTimeout: 30_000, include: ['src/**/*.test.ts'], setupFiles: ['src/words/catalogues.setup.ts'] },
})
