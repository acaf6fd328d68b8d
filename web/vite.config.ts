/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

declare const process: { env: Record<string, string | undefined> }

// The port is where `heed serve` listens; HEED_URL names another one while developing.
const backend = process.env.HEED_URL ?? 'http://localhost:8686'

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022', chunkSizeWarningLimit: 900 },
  server: { proxy: { '/api': backend, '/v1': backend } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
