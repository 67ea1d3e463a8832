/** What becomes of an example that is longer than allowed. */
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import { recordError, type RecordPlace } from '../formats/record.ts';
import type { ReportProblem } from '../problems.ts';
import type { TokenizedExample, Tokens } from '../tokenization.ts';

/** `kept` and `truncated` come with an example, the others without one. */
export type FitOutcome =
  | { readonly kind: 'kept' | 'truncated'; readonly example: TokenizedExample }
  | { readonly kind: 'skipped' | 'withoutLabels' | 'refused' };

/**
 * Applies `data.maxLength`. Truncation cuts at the right, as the official code and Hugging Face's tokenizers do: the
 * prompt stays whole as the model will see it, and the answer loses its end and the EOS token, so that stopping in
 * mid-sentence is not learnt. An example that has no token left to learn is dropped.
 */
export function fitLength(
  tokens: Tokens,
  limits: Pick<RunConfiguration['data'], 'maxLength' | 'tooLong'>,
  place: RecordPlace,
  report: ReportProblem,
): FitOutcome {
  const { maxLength, tooLong } = limits;
  const length = tokens.ids.length;
  if (length > maxLength && tooLong === 'skip') return { kind: 'skipped' };
  if (length > maxLength && tooLong === 'error') {
    report(
      recordError(
        place,
        'data/tooLong',
        `the example has ${String(length)} tokens, expected at most ${String(maxLength)}`,
        'Raise data.maxLength, shorten the record, or set data.tooLong to "truncate" or "skip".',
      ),
    );
    return { kind: 'refused' };
  }
  const isLabel = Uint8Array.from(tokens.isLabel.slice(0, maxLength), Number);
  if (!isLabel.includes(1)) return { kind: 'withoutLabels' };
  const example = { tokens: Int32Array.from(tokens.ids.slice(0, maxLength)), isLabel, place };
  return { kind: length > maxLength ? 'truncated' : 'kept', example };
}
