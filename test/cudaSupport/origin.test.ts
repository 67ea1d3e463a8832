/** Where CUDA support comes from, and where it lies. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROVIDER_PACKAGE, WANTED_FILES } from '../../engine/cudaSupport/download/archiveSource.ts';
import { DEFAULT_FEED } from '../../engine/cudaSupport/download/nugetFeed.ts';
import { bundledRuntime } from '../../engine/cudaSupport/runtimePackage.ts';
import { supportFolder } from '../../engine/cudaSupport/supportFolder.ts';

test('lies where the host says, else with the data of the user', () => {
  expect(supportFolder({ NEUROADA_CUDA_FOLDER: '/host/cuda' })).toBe('/host/cuda');
  expect(supportFolder({ XDG_DATA_HOME: '/data' })).toBe('/data/neuroada/cuda');
  expect(supportFolder({ XDG_DATA_HOME: 'relative' })).toMatch(/\.local\/share\/neuroada\/cuda$/);
});

test('the archive and its files are those that the runtime names for its own installation', () => {
  const folder = bundledRuntime().folder;
  const metadata = createRequire(import.meta.url)(join(folder, 'script', 'install-metadata.js')) as {
    readonly manifests: Record<string, Record<string, { readonly package: string; readonly path: string }>>;
    readonly packages: Record<string, { readonly name: string; readonly versions: unknown }>;
    readonly feeds: Record<string, { readonly index: string }>;
  };
  const manifest = metadata.manifests['linux/x64:cuda12']!;
  for (const { entry, name } of WANTED_FILES) {
    expect(manifest[`./${name}`]).toEqual({ package: 'nuget:linux/x64:cuda12', path: entry });
  }
  expect(metadata.packages['nuget:linux/x64:cuda12']).toEqual({
    name: PROVIDER_PACKAGE,
    versions: [{ feed: 'nuget', version: bundledRuntime().version }],
  });
  expect(metadata.feeds['nuget']?.index).toBe(DEFAULT_FEED);
});
