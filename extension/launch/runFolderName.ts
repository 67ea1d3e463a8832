/** Folder names of new runs: safe on every file system, unique by the second. */

const UNSAFE = /[^\p{L}\p{N}._-]+/gu;

/** Such as `SmolLM2-135M-on-maths-20260131-090507`. */
export function runFolderName(name: string, time: Date): string {
  const label = name
    .replaceAll(UNSAFE, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('');
  return `${label}-${day}-${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('')}`;
}
