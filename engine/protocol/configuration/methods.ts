/** The fine-tuning methods, without the schema that names them: for whoever must not load that. */

export const METHODS = ['neuroada', 'masked', 'full', 'bitfit', 'superTuning', 'shira', 'lora'] as const;

export type Method = (typeof METHODS)[number];
