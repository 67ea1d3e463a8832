/**
 * Frees the arrays of answers that nobody needs any more. Left to the collector, which hears of such memory late, they
 * would take several times what is shown.
 */

/** Nobody listens behind it: what is moved into it is gone. The editor's own hold on the bytes ends with that, too. */
const nowhere = new MessageChannel().port1;
nowhere.close();

/** The typed arrays of an answer's fields. */
export function arraysOf(answer: object): ArrayBufferView<ArrayBuffer>[] {
  return Object.values(answer).filter((field): field is ArrayBufferView<ArrayBuffer> => ArrayBuffer.isView(field));
}

/** The answer's arrays are empty from now on. */
export function releaseArrays(answer: object): void {
  const buffers = new Set(arraysOf(answer).map(({ buffer }) => buffer));
  nowhere.postMessage(undefined, [...buffers]);
}
