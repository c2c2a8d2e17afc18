// Build the tracker: node frontend/build_tracker.mjs FOLDER ... writes tracker.js and
// tracker_more.js into each folder with its sources, as python -m benchmarks.suites.size needs it.
//
// In the tracker every byte counts. esbuild makes one file of the modules, and terser makes it
// small; its unsafe options are safe in the tracker's code.
import { build } from 'esbuild'
import { minify } from 'terser'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const SMALL = { ecma: 2020, passes: 4, unsafe: true, unsafe_arrows: true, unsafe_comps: true }
// What makes either file smallest after gzip, found by trying.
const TERSER = {
  ecma: 2020,
  compress: { ...SMALL, booleans_as_integers: true, if_return: false, sequences: false }
}
const TERSER_MORE = { ecma: 2020, module: true, compress: { ...SMALL, reduce_funcs: false } }

/** Map the names of the built files to their contents. */
export async function buildTracker(folder) {
  return {
    'tracker.js': await smaller(runOnce(await bundle(folder, 'tracker.ts')), TERSER),
    'tracker_more.js': await smaller(await bundle(folder, 'tracker_more.ts'), TERSER_MORE)
  }
}

async function bundle(folder, entry) {
  const { outputFiles } = await build({
    entryPoints: [resolve(folder, entry)],
    bundle: true,
    charset: 'utf8',
    format: 'esm',
    minifySyntax: true,
    target: 'es2020',
    write: false
  })
  return outputFiles[0].text
}

/** A second tag would count everything twice, and a module script has no `currentScript`. */
const runOnce = code =>
  `((script, early) => { if (!script || early?.page) return; ${code} })(document.currentScript, window.liveinsight)`

const smaller = async (code, options) => (await minify(code, options)).code

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of process.argv.slice(2)) {
    for (const [name, text] of Object.entries(await buildTracker(folder))) {
      await writeFile(join(folder, name), text)
    }
  }
}
