/** Names of runs: one that is taken gets the next free number behind. */

const NUMBERED = /^(.*?) (\d+)$/;

/** Such as `maths`, else `maths 2`; and `maths 4` where `maths 3` is taken. */
export function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  const match = NUMBERED.exec(name);
  const stem = match?.[1] ?? name;
  for (let number = Number(match?.[2] ?? 1) + 1; ; number++) {
    const candidate = `${stem} ${number}`;
    if (!taken.includes(candidate)) return candidate;
  }
}
