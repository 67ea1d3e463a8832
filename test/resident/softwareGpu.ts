/** GPUs that are computed by the CPU: Debian's Chromium carries a Vulkan driver that the runtime's WebGPU provider takes. */
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeDevices } from '../../engine/runtime/probe/deviceProbe.ts';

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

/** To be called before the first session of this process, which then finds the driver's GPU and no other. */
export function useSoftwareGpu(driver = DRIVER): void {
  Object.assign(process.env, {
    VK_DRIVER_FILES: driver,
    VK_ICD_FILENAMES: driver,
    XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), 'neuroada-gpu-')),
  });
}

/** Mesa's software GPU; from version 24 on the runtime takes it, and it computes 16-bit floats. */
const FLOAT16_DRIVERS = [
  process.env['NEUROADA_FLOAT16_DRIVER'],
  ...['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json'].map((name) => `/usr/share/vulkan/icd.d/${name}`),
];

/**
 * Like `useSoftwareGpu`, with a driver that computes 16-bit floats, which Chromium's does not.
 *
 * @returns why there is none; undefined where there is one
 */
export async function useFloat16Gpu(): Promise<string | undefined> {
  for (const driver of FLOAT16_DRIVERS) {
    if (driver === undefined || !existsSync(driver)) continue;
    useSoftwareGpu(driver);
    const [report] = await probeDevices({ devices: ['webgpu'] });
    if (report?.hasFloat16 === true) return undefined;
  }
  return "no software GPU with 16-bit floats: Debian's package mesa-vulkan-drivers has one from 24 on (12: in backports); or name its file in NEUROADA_FLOAT16_DRIVER";
}
