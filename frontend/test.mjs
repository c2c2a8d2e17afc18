// Run the unit tests of the browser's pure modules: node frontend/test.mjs [part of a path ...]
//
// esbuild bundles each frontend/tests/**/*.test.ts for Node, which runs it.
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TESTS = join(ROOT, 'frontend/tests')
const BUNDLES = join(ROOT, '.build/frontend_tests')

const wanted = process.argv.slice(2)
const tests = readdirSync(TESTS, { recursive: true })
  .filter(path => /\.test\.tsx?$/.test(path))
  .filter(path => !wanted.length || wanted.some(part => path.includes(part)))

rmSync(BUNDLES, { recursive: true, force: true })
await build({
  absWorkingDir: ROOT,
  entryPoints: tests.map(path => join(TESTS, path)),
  outbase: TESTS,
  outdir: BUNDLES,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  packages: 'external',
  platform: 'node',
  sourcemap: 'inline'
})
const bundles = tests.map(path => join(BUNDLES, path.replace(/\.tsx?$/, '.mjs')))
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...bundles], { stdio: 'inherit' })
process.exit(status ?? 1)
