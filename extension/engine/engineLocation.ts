/** How an engine process is started: VS Code's own Node on the bundled server, in a clean environment. */
import { join } from 'node:path';
import { CUDA_FOLDER_VARIABLE } from '../../engine/protocol/cuda.ts';

/** The program, its first arguments and its environment. */
export interface EngineCommand {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Variables of the host's environment that would change what the engine's Node does. */
const FOREIGN_VARIABLES = /^(NODE_OPTIONS|NODE_INSPECT.*|VSCODE_.*|ELECTRON_.*)$/;

/**
 * @param extensionFolder where the extension is installed
 * @param cudaFolder where CUDA support lies, if it is installed
 * @param network variables by which Node finds its way out
 */
export function engineCommand(
  extensionFolder: string,
  cudaFolder: string,
  network: Readonly<Record<string, string>>,
): EngineCommand {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !FOREIGN_VARIABLES.test(entry[0]),
  );
  return {
    program: process.execPath,
    arguments: [join(extensionFolder, 'dist', 'engine', 'server.mjs')],
    environment: {
      ...Object.fromEntries(inherited),
      ...network,
      ELECTRON_RUN_AS_NODE: '1',
      [CUDA_FOLDER_VARIABLE]: cudaFolder,
    },
  };
}
