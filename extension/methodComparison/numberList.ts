/** Lists of whole numbers as people type them: `1, 5, 20`. */

/** Undefined where something in the text is no whole number from `least` on; an empty text is an empty list. */
export function parseNumberList(text: string, least: number): readonly number[] | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const numbers = parts.map(Number);
  const isValid = numbers.every((number) => Number.isSafeInteger(number) && number >= least);
  return isValid ? [...new Set(numbers)] : undefined;
}
