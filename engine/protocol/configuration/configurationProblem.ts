/** A fault of a configuration, as the Problems panel and the terminal show it. */

export interface ConfigurationProblem {
  /** Place of the value, or of the key where that is at fault, counted from 1; columns in UTF-16 units. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** Column after the last character. */
  readonly endColumn: number;
  /** Path of the field, such as `training.batchSize` or `data.train[1]`; empty for the whole. */
  readonly field: string;
  /** What was expected and found, without place and field. */
  readonly message: string;
  /** The command-line flag that gave the value; the place then means nothing. */
  readonly flag?: string;
}
