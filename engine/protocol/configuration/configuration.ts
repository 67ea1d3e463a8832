/**
 * The run configuration: what a person writes in a `*.neuroada.json` file, as one zod schema from which the types,
 * the validation and the editor's JSON Schema all come. Paths are relative to the configuration file.
 */
import { z } from 'zod';
import { METHODS } from './methods.ts';
import { questionsSchema } from './questions.ts';
import { TEXT_TASKS } from '../answers/textTasks.ts';

const path = z.string().min(1);

const dataSchema = z
  .strictObject({
    train: z
      .union([path, z.array(path).min(1)])
      .describe('Training data: one file or several (JSONL, JSON array, CSV, TSV or Parquet).'),
    evaluation: z
      .union([path, z.strictObject({ share: z.number().gt(0).lt(1) }), z.strictObject({ count: z.int().positive() })])
      .optional()
      .describe(
        'Evaluation data: a file, or a part of the training data that is held out ({"share": 0.05} or {"count": 200}).',
      ),
    format: z
      .enum(['auto', 'jsonl', 'json', 'csv', 'tsv', 'parquet'])
      .default('auto')
      .describe('File format; "auto" looks at the file name, then at its first bytes.'),
    shape: z
      .enum(['auto', 'instruction', 'completion', 'messages', 'text', 'labelledText'])
      .default('auto')
      .describe(
        'Record shape: {instruction, input, output}, {prompt, completion}, {messages} or {text}; for an encoder {text, pair (optional), label}, a "labelledText"; "auto" looks at the base and at the field names of the first record.',
      ),
    task: z
      .enum(TEXT_TASKS)
      .optional()
      .describe(
        'A task of GLUE, for an encoder: its files (published TSV, JSONL, Parquet), its labels, its metrics and the official halving of the evaluation data.',
      ),
    problem: z
      .enum(['auto', 'classification', 'regression'])
      .default('auto')
      .describe(
        'What an encoder predicts: a class, or a number; "auto" looks at the labels, of which fractions are numbers.',
      ),
    halveEvaluation: z
      .boolean()
      .optional()
      .describe(
        'Whether a part of the evaluation data (half, or 1000 of more than 5000) chooses the best step and the rest tests it in the end; default: true for a task of GLUE, as in the official code.',
      ),
    fields: z
      .record(z.string(), z.string())
      .default({})
      .describe('Renames: the shape\'s field name to the name in your file, such as {"instruction": "question"}.'),
    template: z
      .enum(['auto', 'alpaca', 'commonsense', 'chat', 'plain'])
      .default('auto')
      .describe(
        'How an instruction record becomes a prompt: the official NeuroAda templates ("alpaca" for arithmetic, "commonsense"), the checkpoint\'s own chat template, or "plain".',
      ),
    maxLength: z.int().min(8).default(512).describe('Longest example in tokens.'),
    tooLong: z
      .enum(['truncate', 'skip', 'error'])
      .default('truncate')
      .describe('What happens to an example longer than maxLength.'),
    limit: z.int().positive().optional().describe('Use only the first N training examples.'),
    trainOnPrompt: z
      .boolean()
      .default(false)
      .describe('Also learn to predict the prompt tokens; by default the loss counts only the answer.'),
  })
  .describe('What to train on.');

const selectionSchema = z
  .strictObject({
    strategy: z
      .enum(['magnitude', 'reverse', 'random', 'gradient'])
      .default('magnitude')
      .describe(
        'Which input connections of each neuron are selected: largest |W|, smallest |W|, random, or largest accumulated |gradient|.',
      ),
    k: z
      .int()
      .positive()
      .optional()
      .describe('Selected connections per neuron (default 1). Not together with trainableShare.'),
    trainableShare: z
      .number()
      .gt(0)
      .lte(1)
      .optional()
      .describe(
        'Budget: the share of all parameters that may be trained; turned into the largest k that stays within it.',
      ),
    neuronShare: z
      .number()
      .gt(0)
      .lte(1)
      .default(1)
      .describe('Share of the neurons of each target module that take part.'),
    targetModules: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Modules to adapt, by name or pattern with * (such as "q_proj" or "model.layers.*.mlp.*"); default: every linear layer of every block.',
      ),
    gradientBatches: z
      .int()
      .positive()
      .default(8)
      .describe('Batches of training data over which the gradient strategy accumulates |gradient|.'),
  })
  .refine((selection) => selection.k === undefined || selection.trainableShare === undefined, {
    message: 'k and trainableShare exclude each other: keep one of them',
    path: ['trainableShare'],
  })
  .meta({ description: 'Which connections are trained.', not: { required: ['k', 'trainableShare'] } });

const loraSchema = z
  .strictObject({
    r: z.int().positive().default(8).describe('Rank of the bypass of each target module.'),
    alpha: z.number().positive().default(16).describe('The bypass is scaled by alpha / r.'),
    dropout: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe('Share of the features of its input that a bypass does not see in a training step.'),
  })
  .describe('The low-rank bypasses of the method "lora".');

const trainingSchema = z
  .strictObject({
    epochs: z.number().positive().default(3).describe('Passes over the training data.'),
    maxSteps: z.int().positive().optional().describe('Stop after this many optimizer steps.'),
    batchSize: z.int().positive().default(16).describe('Examples per optimizer step.'),
    microBatchSize: z
      .union([z.literal('auto'), z.int().positive()])
      .default('auto')
      .describe(
        'Examples that go through the model at once; gradients are accumulated, so the update stays that of the whole batch.',
      ),
    batching: z
      .enum(['lengthSorted', 'packed', 'shuffled'])
      .default('lengthSorted')
      .describe(
        'How batches are formed: neighbours of like length, several examples packed into one row, or plain random order.',
      ),
    learningRate: z
      .union([z.literal('auto'), z.number().positive()])
      .default('auto')
      .describe(
        'Peak learning rate; "auto" depends on the method, and where connections are selected on k and the hidden size (few deltas and narrow models want larger rates).',
      ),
    schedule: z
      .enum(['linear', 'cosine', 'constant'])
      .default('linear')
      .describe('Learning-rate schedule after warm-up.'),
    warmupRatio: z
      .number()
      .min(0)
      .lt(1)
      .default(0.06)
      .describe('Share of all steps over which the learning rate rises from 0.'),
    weightDecay: z
      .number()
      .min(0)
      .default(0)
      .describe("AdamW's decoupled weight decay on what is trained: deltas, factors, or weights."),
    beta1: z.number().min(0).lt(1).default(0.9).describe('AdamW beta 1.'),
    beta2: z.number().min(0).lt(1).default(0.999).describe('AdamW beta 2.'),
    epsilon: z.number().positive().default(1e-8).describe('AdamW epsilon.'),
    maxGradNorm: z
      .number()
      .positive()
      .nullable()
      .default(1)
      .describe('Gradient clipping by global norm; null turns it off.'),
    seed: z.int().min(0).default(42).describe('Seed of the data order, the held-out part and random selection.'),
    evaluateEvery: z.int().positive().optional().describe('Steps between evaluations (default: once an epoch).'),
    selectBest: z
      .enum(['auto', 'last', 'loss', 'exactMatch', 'metric'])
      .default('auto')
      .describe(
        'Which step becomes the adapter: the last one, the one with the lowest evaluation loss, the one with the most evaluation examples answered exactly, or the one with the best "metric" (the main one of the task of an encoder, or of the questions that a decoder is asked); "auto" is "metric" for a task of GLUE with evaluation data, else "last".',
      ),
    checkpointEvery: z.int().positive().default(100).describe('Steps between checkpoints.'),
    keepCheckpoints: z.int().positive().default(3).describe('How many of the newest checkpoints are kept.'),
  })
  .describe('How it is trained.');

/** Where the weights lie while a run computes with them. */
export const WEIGHT_STORAGES = ['float32', '16bit', 'streamed'] as const;
export type WeightStorage = (typeof WEIGHT_STORAGES)[number];

/** What matrices and their products are computed in. */
export const PRECISIONS = ['float32', 'float16'] as const;
export type Precision = (typeof PRECISIONS)[number];

const engineSchema = z
  .strictObject({
    device: z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'directml']).default('auto').describe('Where to compute.'),
    plan: z
      .enum(['auto', 'layered', 'wholeGraph'])
      .default('auto')
      .describe(
        '"layered" needs little memory (activations are recomputed layer by layer), "wholeGraph" is fastest; "auto" takes the fastest that fits.',
      ),
    savedActivations: z
      .union([z.literal('auto'), z.enum(['none', 'attention', 'all'])])
      .default('auto')
      .describe(
        'What the layered plan keeps for the backward pass instead of recomputing it: more is faster and takes more memory.',
      ),
    weights: z
      .enum(['auto', ...WEIGHT_STORAGES])
      .default('auto')
      .describe(
        'How the layered plan keeps weights: "float32" in memory (fastest), "16bit" as in a BF16 or F16 checkpoint, widened layer by layer (half the memory, the same numbers), or "streamed" from the checkpoint\'s files (least memory, as fast as the disk); "auto" takes the first that fits.',
      ),
    precision: z
      .enum(PRECISIONS)
      .default('float32')
      .describe(
        'What a GPU computes frozen weights and their products in: "float16" halves the memory of the weights and is faster on most GPUs, with losses that differ by a few thousandths at most; deltas, optimizer, norms, softmax and loss stay float32. It needs a GPU that computes 16-bit floats, which "neuroada devices" tells.',
      ),
    threads: z
      .union([z.literal('auto'), z.int().positive()])
      .default('auto')
      .describe('CPU threads.'),
    fit: z
      .enum(['auto', 'strict'])
      .default('auto')
      .describe(
        '"auto" takes plan, weights and micro-batch as wishes: where they do not fit, or memory runs out on the way, the run goes on with less, which it says, and with the same updates; "strict" ends it with an error instead.',
      ),
    memoryBudgetMB: z
      .int()
      .positive()
      .optional()
      .describe('Memory the run may use; default: what is free on the machine.'),
  })
  .describe('What it runs on.');

/** The schema of a `*.neuroada.json` file. */
export const runConfigurationSchema = z.strictObject({
  $schema: z.string().optional().describe('The JSON Schema of this file, for editors.'),
  name: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('A name for the run; default: made from the checkpoint and the time.'),
  base: path.describe('The base checkpoint: a Hugging Face folder with config.json, *.safetensors and tokenizer.json.'),
  method: z
    .enum(METHODS)
    .default('neuroada')
    .describe(
      'The fine-tuning method: "neuroada", or what it is compared with, on the same target modules and the same budget: "masked" (the same selection by a mask over dense gradients and optimizer state), "full" (every weight of the target modules), "bitfit" (their biases), "superTuning" (the largest weights of each whole matrix), "shira" (random entries of each matrix), "lora" (low-rank bypasses).',
    ),
  data: dataSchema,
  selection: selectionSchema.prefault({}),
  lora: loraSchema.prefault({}),
  training: trainingSchema.prefault({}),
  questions: questionsSchema.optional(),
  engine: engineSchema.prefault({}),
  output: path.optional().describe('The run folder; default: a new folder in "runs" beside this file.'),
});

/** A configuration as written by a person: everything but `base` and `data.train` has a default. */
export type RunConfigurationInput = z.input<typeof runConfigurationSchema>;

/** A configuration with every default filled in. */
export type RunConfiguration = z.output<typeof runConfigurationSchema>;

/** The schema of what selection alone needs: data only for the gradient strategy. */
export const selectionConfigurationSchema = runConfigurationSchema.partial({ data: true });

/** What selection alone needs, with every default filled in. */
export type SelectionConfiguration = z.output<typeof selectionConfigurationSchema>;
