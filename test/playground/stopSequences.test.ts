import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatStopSequences, parseStopSequences } from '../../webview/playground/stopSequences.ts';

test('a line is a sequence, in which line breaks and tabs can be written', () => {
  expect(parseStopSequences('###\n\\n\\n\n\nUser:\\t\nC:\\\\new')).toEqual(['###', '\n\n', 'User:\t', 'C:\\new']);
  expect(parseStopSequences('')).toEqual([]);
});

test('what is written is read again as it was', () => {
  const sequence = fc.string({ unit: fc.constantFrom('a', ' ', '\\', 'n', 't', '\n', '\t', 'é'), minLength: 1 });
  fc.assert(
    fc.property(fc.array(sequence), (sequences) => {
      expect(parseStopSequences(formatStopSequences(sequences))).toEqual(sequences);
    }),
  );
});
