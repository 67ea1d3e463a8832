/** The command lines of `neuroada cuda`: the one part of the product that is fetched on demand. */
import type { Command } from 'commander';
import type { InstallCudaParams } from '../../protocol/cuda.ts';
import type { AddCommand, RunCommand } from '../command.ts';

const NOTES = `
The CUDA provider of ONNX Runtime is too large to come with NeuroAda. \`install\` fetches the one of exactly this version
from nuget.org, checks its SHA-512 against the one that NuGet publishes, and puts it beside a copy of the runtime into a
folder of the user (NEUROADA_CUDA_FOLDER names another). The driver, CUDA and cuDNN are NVIDIA's and are not fetched:
\`install\` and \`status\` tell which of their libraries are missing here, and how to get them.

On a machine without network:
  neuroada cuda source                                    on another machine: address and hash
  neuroada cuda install --from FILE --sha512 HASH         here

Then:
  neuroada devices --self-test                            proves that CUDA computes rightly here`;

const INSTALL_EXAMPLES = `
Examples:
  neuroada cuda install
  neuroada cuda install --from https://mirror.example/Microsoft.ML.OnnxRuntime.Gpu.Linux.nupkg
  neuroada cuda install --from downloads/Microsoft.ML.OnnxRuntime.Gpu.Linux.nupkg --sha512 HASH
  neuroada cuda install --feed https://nuget.example/v3/index.json

An installation that was stopped or cut off goes on where it was. One that is there is checked, and repaired if need be.
Without --sha512 the hash is that of the feed, wherever the archive comes from.`;

const FEED = ['--feed <url>', 'service index of a NuGet feed, such as a mirror; by default that of nuget.org'] as const;

export const addCudaCommand: AddCommand = (program, run) => {
  const cuda = program
    .command('cuda')
    .summary('install, show or remove CUDA support')
    .description('CUDA support for NVIDIA GPUs on Linux x64.')
    .addHelpText('after', NOTES);
  addInstall(cuda, run);
  addStatus(cuda, run);
  addSource(cuda, run);
  addRemove(cuda, run);
};

function addInstall(cuda: Command, run: RunCommand): void {
  const command: Command = cuda
    .command('install')
    .summary('fetch the CUDA provider, check it, and put it in place')
    .description('Installs the CUDA provider of exactly this version of ONNX Runtime, and tells what the system lacks.')
    .option('--from <file-or-url>', 'take the archive from there')
    .option('--sha512 <hash>', 'its SHA-512 (hexadecimal or base64), instead of asking the feed')
    .option(...FEED)
    .option('--json', 'print the progress, then the result, as lines of JSON')
    .addHelpText('after', INSTALL_EXAMPLES);
  command.action((options: InstallCudaParams) =>
    run(command, async (execution) => (await import('../actions/cuda.ts')).installCuda(execution, options)),
  );
}

function addStatus(cuda: Command, run: RunCommand): void {
  const command: Command = cuda
    .command('status')
    .summary('tell what is installed, and which libraries are missing')
    .description('Tells whether CUDA support is installed, and which libraries of NVIDIA this system lacks.')
    .option('--json', 'print the result as a line of JSON');
  command.action(() => run(command, async (execution) => (await import('../actions/cuda.ts')).cudaStatus(execution)));
}

function addSource(cuda: Command, run: RunCommand): void {
  const command: Command = cuda
    .command('source')
    .summary('tell the address, size and hash of the archive')
    .description('Tells where the archive is and what its hash is, for a machine that has no network.')
    .option(...FEED)
    .option('--json', 'print the result as a line of JSON');
  command.action((options: InstallCudaParams) =>
    run(command, async (execution) => (await import('../actions/cuda.ts')).cudaSource(execution, options)),
  );
}

function addRemove(cuda: Command, run: RunCommand): void {
  const command: Command = cuda
    .command('remove')
    .summary('remove CUDA support and free its space')
    .description('Removes all that `install` put in place, and the libraries in the same folder.')
    .option('--json', 'print the result as a line of JSON');
  command.action(() => run(command, async (execution) => (await import('../actions/cuda.ts')).removeCuda(execution)));
}
