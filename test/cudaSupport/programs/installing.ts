/** Installs CUDA support: folder, feed, then the runtime package's folder, the other package's, and the version. */
import { installCudaSupport } from '../../../engine/cudaSupport/install.ts';

const [folder, feed, packageFolder, commonFolder, version] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
await installCudaSupport({
  ...{ folder, feed, runtime: { folder: packageFolder, commonFolder, version } },
  onProgress: ({ phase }) => {
    console.log(phase);
  },
  signal: new AbortController().signal,
});
