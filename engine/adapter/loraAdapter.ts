/**
 * Low-rank adapters in PEFT's own format, so that each side reads what the other wrote: for each module `m` the tensors
 * `base_model.model.m.lora_A.weight` [r, in] and `base_model.model.m.lora_B.weight` [rows, r]. What PEFT has no field for
 * stands in the metadata of the tensors' file, which PEFT does not look at.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openSafetensors, type SafetensorsFile } from '../checkpoint/safetensors/safetensorsReader.ts';
import { writeSafetensors, type TensorToWrite } from '../checkpoint/safetensors/safetensorsWriter.ts';
import { readFloat32 } from '../checkpoint/safetensors/tensorRead.ts';
import { ExpectedError } from '../errors/expected.ts';
import { writeFileAtomically } from '../files/atomicFile.ts';
import { syncParent } from '../files/durability.ts';
import { explainingErrors } from '../files/systemError.ts';
import type { PeftTask } from '../protocol/runs/adapter.ts';
import { ADAPTER_FILES, type Fingerprint } from '../protocol/runs/runFolder.ts';
import { invalidTensor, requireTensor } from '../selection/selectionTensors.ts';
import type { TargetModule } from '../selection/targetModules.ts';
import { invalidConfig, readAdapterJson } from './jsonFile.ts';

/** The factors of one module. */
export interface LowRankModule extends TargetModule {
  readonly rank: number;
  /** [rank, columns] */
  readonly a: Float32Array;
  /** [rows, rank] */
  readonly b: Float32Array;
}

/** What the adapter is, beside its factors. */
export interface LoraAbout {
  readonly base: string;
  /** Undefined where another program wrote the adapter. */
  readonly baseFingerprint: Fingerprint | undefined;
  readonly rank: number;
  readonly alpha: number;
  readonly dropout: number;
  /** The version of NeuroAda that wrote it; undefined where another program did. */
  readonly version: string | undefined;
}

/** An open adapter; close it. */
export interface OpenLora {
  readonly about: LoraAbout;
  /** Names of the adapted modules. */
  readonly modules: ReadonlySet<string>;
  readonly trainableParameters: number;
  /** Reads a module's factors; the product is to be multiplied by `scale`. */
  readonly readModule: (target: TargetModule) => Promise<LowRankModule & { readonly scale: number }>;
  readonly close: () => Promise<void>;
}

const PREFIX = 'base_model.model.';
const SUFFIX_A = '.lora_A.weight';
const SUFFIX_B = '.lora_B.weight';
const METADATA = { fingerprint: 'neuroada_base_fingerprint', version: 'neuroada_version' } as const;

const configSchema = z.object({
  peft_type: z.literal('LORA'),
  base_model_name_or_path: z.string().nullish(),
  r: z.int().positive(),
  lora_alpha: z.number(),
  lora_dropout: z.number().default(0),
  use_rslora: z.boolean().default(false),
});

/** Fields that change what the tensors mean, with the only values that are understood here. */
const plainSchema = z.object({
  use_dora: z.literal(false).nullish(),
  fan_in_fan_out: z.literal(false).nullish(),
  bias: z.literal('none').nullish(),
  alpha_pattern: z.object({}).strict().nullish(),
  modules_to_save: z.array(z.never()).nullish(),
  layer_replication: z.null().optional(),
});

export async function writeLoraAdapter(
  folder: string,
  task: PeftTask,
  about: LoraAbout,
  modules: readonly LowRankModule[],
): Promise<void> {
  await explainingErrors(folder, () => mkdir(folder, { recursive: true }));
  await syncParent(folder);
  const { baseFingerprint, version } = about;
  const metadata = {
    format: 'pt',
    ...(baseFingerprint === undefined
      ? {}
      : { [METADATA.fingerprint]: `${baseFingerprint.algorithm}:${baseFingerprint.value}` }),
    ...(version === undefined ? {} : { [METADATA.version]: version }),
  };
  await writeSafetensors(join(folder, ADAPTER_FILES.model), modules.flatMap(factorTensors), metadata);
  const config = {
    peft_type: 'LORA',
    task_type: task,
    base_model_name_or_path: about.base,
    inference_mode: true,
    r: about.rank,
    lora_alpha: about.alpha,
    lora_dropout: about.dropout,
    target_modules: modules.map(({ module }) => module),
    bias: 'none',
    fan_in_fan_out: false,
    use_rslora: false,
    use_dora: false,
    modules_to_save: null,
  };
  await writeFileAtomically(join(folder, ADAPTER_FILES.config), `${JSON.stringify(config, null, 2)}\n`);
}

function factorTensors({ module, rows, columns, rank, a, b }: LowRankModule): readonly TensorToWrite[] {
  const tensor = (suffix: string, shape: readonly number[], data: Float32Array): TensorToWrite => ({
    name: PREFIX + module + suffix,
    dtype: 'F32',
    shape,
    bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
  return [tensor(SUFFIX_A, [rank, columns], a), tensor(SUFFIX_B, [rows, rank], b)];
}

/** @throws ExpectedError `adapter/invalidConfig`, `adapter/unsupported`, `selection/invalidTensor`, `files/…` */
export async function openLoraAdapter(folder: string): Promise<OpenLora> {
  const configFile = join(folder, ADAPTER_FILES.config);
  const json = await readAdapterJson(configFile);
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalidConfig(configFile, issue?.message ?? 'not a LoRA configuration', issue?.path.join('.'));
  }
  const plain = plainSchema.safeParse(json);
  if (!plain.success) throw unsupported(configFile, plain.error.issues[0]?.path.join('.') ?? '');
  const file = await openSafetensors(join(folder, ADAPTER_FILES.model));
  try {
    return openedLora(file, parsed.data);
  } catch (error) {
    await file.close();
    throw error;
  }
}

function openedLora(file: SafetensorsFile, config: z.output<typeof configSchema>): OpenLora {
  const modules = new Set<string>();
  let trainableParameters = 0;
  for (const { name, shape } of file.tensors.values()) {
    const suffix = [SUFFIX_A, SUFFIX_B].find((candidate) => name.endsWith(candidate));
    if (suffix === undefined || !name.startsWith(PREFIX)) {
      throw invalidTensor(file.path, name, `expected ${PREFIX}…${SUFFIX_A} or ${PREFIX}…${SUFFIX_B}`);
    }
    modules.add(name.slice(PREFIX.length, -suffix.length));
    trainableParameters += shape.reduce((total, size) => total * size, 1);
  }
  const { r, lora_alpha, lora_dropout, base_model_name_or_path, use_rslora } = config;
  return {
    about: {
      base: base_model_name_or_path ?? '',
      baseFingerprint: fingerprintOf(file.metadata.get(METADATA.fingerprint)),
      rank: r,
      alpha: lora_alpha,
      dropout: lora_dropout,
      version: file.metadata.get(METADATA.version),
    },
    modules,
    trainableParameters,
    readModule: async (target) => {
      const factors = await readFactors(file, target);
      return { ...factors, scale: lora_alpha / (use_rslora ? Math.sqrt(factors.rank) : factors.rank) };
    },
    close: () => file.close(),
  };
}

async function readFactors(file: SafetensorsFile, target: TargetModule): Promise<LowRankModule> {
  const { module, rows, columns } = target;
  const entryA = requireTensor(file, PREFIX + module + SUFFIX_A, ['F32', 'F16', 'BF16']);
  const rank = entryA.shape[0] ?? 0;
  requireTensor(file, entryA.name, ['F32', 'F16', 'BF16'], [rank, columns]);
  const entryB = requireTensor(file, PREFIX + module + SUFFIX_B, ['F32', 'F16', 'BF16'], [rows, rank]);
  const [a, b] = [await readFloat32({ file, entry: entryA }), await readFloat32({ file, entry: entryB })];
  for (const [name, values] of [
    [entryA.name, a],
    [entryB.name, b],
  ] as const) {
    if (values.some((value) => !Number.isFinite(value)))
      throw invalidTensor(file.path, name, 'expected finite numbers');
  }
  return { ...target, rank, a, b };
}

function fingerprintOf(text: string | undefined): Fingerprint | undefined {
  const [algorithm, value] = text?.split(':') ?? [];
  return algorithm === undefined || value === undefined ? undefined : { algorithm, value };
}

function unsupported(file: string, field: string): ExpectedError {
  return new ExpectedError(
    'adapter/unsupported',
    'the LoRA adapter uses a variant that is not supported here',
    'Merge it with PEFT, and use the merged checkpoint.',
    { file, field },
  );
}
