import { build } from 'esbuild'
import { late } from '../build/bundle.ts'

/** The library as one module, with the packages that it needs in it. */
export async function bundleLibrary(outfile: string): Promise<void> {
  await build({
    entryPoints: ['src/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    external: ['koffi'],
    plugins: [late],
    // Node's modules are loaded late, by `require`, which a module has to make for itself.
    banner: {
      js: "import { createRequire as requirerOf } from 'node:module'\nconst require = requirerOf(import.meta.url)",
    },
    legalComments: 'none',
    logLevel: 'warning',
  })
}
