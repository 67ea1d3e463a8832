/** What a run that repeats another one takes from it. */
import type { RunConfiguration } from '../../engine/protocol/configuration.ts';

const NUMBERED = /^(.*?) (\d+)$/;

/** The same name with the next free number behind, such as `maths 2` of `maths`, and `maths 4` of `maths 3`. */
export function nameOfRepeat(name: string, taken: readonly string[]): string {
  const match = NUMBERED.exec(name);
  const stem = match?.[1] ?? name;
  for (let number = Number(match?.[2] ?? 1) + 1; ; number++) {
    const candidate = `${stem} ${number}`;
    if (!taken.includes(candidate)) return candidate;
  }
}

/** Everything but the folder, which the first run has. */
export function configurationOfRepeat(configuration: RunConfiguration): RunConfiguration {
  const copy = { ...configuration };
  delete copy.output;
  return copy;
}
