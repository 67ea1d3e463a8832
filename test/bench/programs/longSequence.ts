/** A step over one row of 8,192 tokens at SmolLM2-135M's shape: its memory; and that of half the length, which is about half. */
import { atMost, informative, report } from '../row.ts';
import { resultOf } from '../program.ts';
import { withSmolCheckpoint, type TrainingMeasures } from '../savedActivations.ts';

const BAR_MB = 3000;
const TOKENS = 8192;

await withSmolCheckpoint(async (folder) => {
  const peakOf = async (length: number): Promise<number> => {
    const settings = ['--saved', 'none', '--k', '1', '--steps', '1', '--rows', '1', '--length', String(length)];
    const result = await resultOf('trainingProcess', folder, ...settings, '--attention', 'blocked');
    return (result as TrainingMeasures).peakBytes / 1e6;
  };
  const half = await peakOf(TOKENS / 2);
  report(
    informative(`one row of ${String(TOKENS / 2)} tokens: peak memory`, half, 'MB'),
    atMost(BAR_MB, `one row of ${String(TOKENS)} tokens: peak memory`, await peakOf(TOKENS), 'MB'),
  );
});
