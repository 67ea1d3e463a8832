/** A GPU that is computed by the CPU: Debian's Chromium carries a Vulkan driver that the runtime's WebGPU provider takes. */
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const LOADERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** Why there is no software GPU here; undefined where there is one. */
export const softwareGpuObstacle: string | undefined = obstacle();

function obstacle(): string | undefined {
  if (!existsSync(DRIVER)) return `no software Vulkan driver: ${DRIVER} comes with Debian's package chromium`;
  const hasLoader = LOADERS.some(
    (folder) => existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('libvulkan.so.1')),
  );
  return hasLoader ? undefined : "no Vulkan loader: it comes with Debian's package libvulkan1";
}

/** Variables under which a process finds the software GPU and no other. */
function softwareGpuVariables(): Record<string, string> {
  return {
    VK_DRIVER_FILES: DRIVER,
    VK_ICD_FILENAMES: DRIVER,
    XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), 'neuroada-gpu-')),
  };
}

/** To be called before the first session of this process. */
export function useSoftwareGpu(): void {
  Object.assign(process.env, softwareGpuVariables());
}
