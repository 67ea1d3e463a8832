/** The GPUs of this machine as the system names them, whether or not anything can compute on them. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Gpu {
  readonly vendor: 'NVIDIA' | 'AMD' | 'Intel' | 'Apple';
  readonly name: string;
  readonly memoryBytes?: number;
}

const PCI_VENDORS: Readonly<Record<string, Gpu['vendor']>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };
const PCI_DISPLAY_CLASS = '0x03';
const NVIDIA_SMI_TIMEOUT_MS = 10_000;

/** @param pciFolder where Linux lists PCI devices; another in tests only */
export async function listGpus(pciFolder = '/sys/bus/pci/devices'): Promise<Gpu[]> {
  if (process.platform === 'darwin' && process.arch === 'arm64') {
    return [{ vendor: 'Apple', name: cpus()[0]?.model ?? 'Apple', memoryBytes: totalmem() }];
  }
  const nvidia = await listNvidiaGpus();
  const pci = process.platform === 'linux' ? await listPciGpus(pciFolder) : [];
  return nvidia.length === 0 ? pci : [...nvidia, ...pci.filter((gpu) => gpu.vendor !== 'NVIDIA')];
}

/** Asks the driver's own tool, which is installed with it on Linux and Windows; no driver, no answer. */
async function listNvidiaGpus(): Promise<Gpu[]> {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: NVIDIA_SMI_TIMEOUT_MS });
    return parseNvidiaGpus(stdout);
  } catch {
    return [];
  }
}

/** @param lines such as `NVIDIA GeForce RTX 4090, 24564`, with memory in MiB */
function parseNvidiaGpus(lines: string): Gpu[] {
  return lines.split('\n').flatMap((line): Gpu[] => {
    const match = /^(.+), (\d+)\s*$/.exec(line);
    if (match === null) return [];
    return [{ vendor: 'NVIDIA', name: match[1]!, memoryBytes: Number(match[2]) * 2 ** 20 }];
  });
}

async function listPciGpus(folder: string): Promise<Gpu[]> {
  const devices = await readdir(folder).catch(() => []);
  const gpus = await Promise.all(devices.map((device) => readPciGpu(join(folder, device))));
  return gpus.filter((gpu) => gpu !== undefined);
}

async function readPciGpu(folder: string): Promise<Gpu | undefined> {
  const field = (name: string): Promise<string> =>
    readFile(join(folder, name), 'utf8').then(
      (text) => text.trim(),
      () => '',
    );
  const vendor = PCI_VENDORS[await field('vendor')];
  if (vendor === undefined || !(await field('class')).startsWith(PCI_DISPLAY_CLASS)) return undefined;
  const product = await field('product_name');
  const memory = await field('mem_info_vram_total');
  return {
    vendor,
    name: product === '' ? `${vendor} GPU` : product,
    ...(memory !== '' && { memoryBytes: Number(memory) }),
  };
}
