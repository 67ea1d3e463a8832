/** Folder names of new runs: safe on every file system, unique by the second. */

const UNSAFE = /[^\p{L}\p{N}._-]+/gu;

/** Such as `SmolLM2-135M-on-maths-20260131-090507`. */
export function runFolderName(name: string, time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('');
  return `${runFolderLabel(name)}-${day}-${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('')}`;
}

/** The name as every file system takes it. */
export function runFolderLabel(name: string): string {
  return name
    .replaceAll(UNSAFE, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
}
