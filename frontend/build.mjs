// Build the browser's files from frontend/ into chalicelib/static, which holds nothing else.
// `make build` runs this when a source has changed.
//
//   tracker.js, tracker_more.js   under the names that the printed tag and its import promise
//   dashboard.html                names the files below
//   dashboard-HASH.js, base-HASH.css   what the dashboard loads first
//   views-HASH.css                the style of what it imports on demand
//   NAME-HASH.js                  what it imports on demand
//   licenses.txt                  of the packages in these files
//   tracker.js.gz and so on       the tracker's files as a Function URL sends them, which
//                                 compresses nothing itself
//
// A hash is made from the file's content, so browsers keep such a file for ever. The types of the
// API are generated from docs/openapi.yaml into frontend/api_types.ts.
import { build } from 'esbuild'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { buildTracker } from './build_tracker.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STATIC = join(ROOT, 'chalicelib/static')
const DASHBOARD = join(ROOT, 'frontend/dashboard')

const DASHBOARD_TARGET = 'es2022'

/** Map the names of the built files to their contents. */
async function buildAll() {
  const tracker = await buildTracker(join(ROOT, 'frontend/tracker'))
  const compressed = Object.entries(tracker).map(([name, text]) => [`${name}.gz`, gzipSync(text, { level: 9 })])
  return { ...(await buildDashboard()), ...tracker, ...Object.fromEntries(compressed) }
}

async function buildDashboard() {
  const main = join(DASHBOARD, 'main.tsx')
  const styles = await buildStyles()
  const { metafile, outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: { dashboard: main },
    outdir: STATIC,
    bundle: true,
    charset: 'utf8',
    chunkNames: '[name]-[hash]',
    define: { VIEWS_CSS: JSON.stringify(styles.views.name) },
    entryNames: '[name]-[hash]',
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    loader: { '.svg': 'dataurl' },
    metafile: true,
    minify: true,
    plugins: [await shareTheFirstFile(main)],
    splitting: true,
    target: DASHBOARD_TARGET,
    write: false
  })
  const files = Object.fromEntries(outputFiles.map(file => [basename(file.path), file.text]))
  // esbuild puts what files share into a file of its own, and leaves an entry that imports it.
  const names = Object.entries(metafile.outputs)
  const [script] = names.find(([, output]) => 'frontend/dashboard/main.tsx' in output.inputs)
  const stub = names.find(([path, output]) => output.entryPoint?.endsWith('/main.tsx') && path !== script)
  if (stub) delete files[basename(stub[0])]
  const page = await readFile(join(DASHBOARD, 'dashboard.html'), 'utf8')
  return {
    ...files,
    [styles.base.name]: styles.base.text,
    [styles.views.name]: styles.views.text,
    'dashboard.html': page
      .replace('src="main.tsx"', `src="static/${basename(script)}"`)
      .replace('href="base.css"', `href="static/${styles.base.name}"`),
    'licenses.txt': await licenses(metafile)
  }
}

/** The stylesheets, each with its name. The scripts do not import them, since esbuild would put
 *  a copy beside each file that is imported on demand. */
async function buildStyles() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['base', 'views'].map(name => join(DASHBOARD, `${name}.css`)),
    outdir: STATIC,
    bundle: true,
    charset: 'utf8',
    entryNames: '[name]-[hash]',
    minify: true,
    target: DASHBOARD_TARGET,
    write: false
  })
  const [base, views] = outputFiles.map(({ path, text }) => ({ name: basename(path), text }))
  return { base, views }
}

/** Let each module that is imported on demand import `main`, which is there by then. So all
 *  that it shares with the first file stays in that file; otherwise esbuild would make a file
 *  for each set of modules that share something, and the first view would wait for all of them. */
async function shareTheFirstFile(main) {
  const onDemand = await modulesOnDemand()
  return {
    name: 'share-the-first-file',
    setup(build) {
      build.onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
        if (!onDemand.has(path.replace(/\.tsx?$/, ''))) return undefined
        const source = await readFile(path, 'utf8')
        return {
          contents: `${source}\nimport ${JSON.stringify(main)}\n`,
          loader: path.endsWith('x') ? 'tsx' : 'ts'
        }
      })
    }
  }
}

/** The paths, without extension, of the modules in an `import('./module')`. */
async function modulesOnDemand() {
  const names = await readdir(DASHBOARD, { recursive: true })
  const paths = names.filter(name => /\.tsx?$/.test(name)).map(name => join(DASHBOARD, name))
  const found = await Promise.all(paths.map(async path => {
    const source = await readFile(path, 'utf8')
    return [...source.matchAll(/\bimport\('(\.[^']+)'\)/g)].map(([, name]) => join(dirname(path), name))
  }))
  return new Set(found.flat())
}

/** The license of each package in the built files, which have no comments. */
async function licenses(metafile) {
  const packages = Object.keys(metafile.inputs).flatMap(path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
  const texts = [...new Set(packages)].sort().map(async name =>
    `${name}\n\n${await readFile(join(ROOT, 'node_modules', name, 'LICENSE'), 'utf8')}`)
  return (await Promise.all(texts)).join('\n\n')
}

/** Write each file beside its place and move it, so that a server never reads half a file, and
 *  delete what an earlier build made. */
async function writeAll(files) {
  await mkdir(STATIC, { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const part = join(STATIC, `.${name}.part`)
    await writeFile(part, text)
    await rename(part, join(STATIC, name))
  }
  for (const name of await readdir(STATIC)) {
    if (!(name in files)) await rm(join(STATIC, name), { recursive: true })
  }
}

async function generateApiTypes() {
  const nodes = await openapiTS(pathToFileURL(join(ROOT, 'docs/openapi.yaml')))
  await writeFile(join(ROOT, 'frontend/api_types.ts'), COMMENT_HEADER + astToString(nodes))
}

await generateApiTypes()
await writeAll(await buildAll())
