/**
 * The adapter on disk: `adapter_model.safetensors` beside `adapter_config.json`, after PEFT's conventions for names.
 *
 * For each target module `m` (such as `model.layers.0.self_attn.q_proj`) with R participating neurons and k selected
 * connections each, the file holds
 *   `m.neuroada_indices`   U16 (or I32 where d_in > 65536) [R, k]  input connection of each selected entry, ascending per row
 *   `m.neuroada_deltas`    F32 [R, k]                              trained delta
 *   `m.neuroada_originals` base dtype [R, k]                       the base's own bytes at these entries, for an exact unmerge
 *   `m.neuroada_neurons`   I32 [R]                                 rows that take part, ascending; absent when all do
 */
import type { Fingerprint } from './runFolder.ts';

export const ADAPTER_SCHEMA_VERSION = 1;

/** Suffixes of the adapter's tensor names. */
export const ADAPTER_TENSORS = {
  indices: '.neuroada_indices',
  deltas: '.neuroada_deltas',
  originals: '.neuroada_originals',
  neurons: '.neuroada_neurons',
} as const;

/** Suffixes of the tensors for entries anywhere in a parameter, after the parameter's full name. */
export const ENTRY_TENSORS = {
  positions: '.neuroada_positions',
  deltas: '.neuroada_deltas',
  originals: '.neuroada_originals',
} as const;

/** What the model is for, by PEFT's names: a decoder writes text, an encoder labels it. */
export type AdapterTask = 'CAUSAL_LM' | 'SEQ_CLS';

/**
 * As which model PEFT opens an adapter in its own formats: an encoder's as one that gives hidden states, for as a
 * classifier (`SEQ_CLS`) it expects the classifier's tensors in the same file.
 */
export type PeftTask = 'CAUSAL_LM' | 'FEATURE_EXTRACTION';

/** `adapter_config.json`. Names in snake case, as PEFT's readers expect. */
export interface AdapterConfig {
  readonly peft_type: 'NEUROADA';
  readonly schema_version: number;
  readonly task_type: AdapterTask;
  readonly inference_mode: true;
  readonly base_model_name_or_path: string;
  readonly base_fingerprint: Fingerprint;
  readonly base_model_type: string;
  /** Full names of the modules, as in the checkpoint. */
  readonly target_modules: readonly string[];
  readonly strategy: string;
  readonly k: number;
  readonly neuron_share: number;
  readonly trainable_parameters: number;
  readonly total_parameters: number;
  readonly neuroada_version: string;
}

/** Version of adapters that change entries or parameters as a whole, which readers of version 1 cannot read. */
export const CHANGES_SCHEMA_VERSION = 2;

/** Suffix of the tensor that replaces a parameter, F32 in the parameter's shape, after the parameter's full name. */
export const VALUES_TENSOR = '.neuroada_values';

/** `adapter_config.json` of such an adapter. */
export interface ChangesConfig {
  readonly peft_type: 'NEUROADA';
  readonly schema_version: number;
  /** The method that trained it, or where the changes come from: `difference`, `supertuning`, `shira`. */
  readonly method: string;
  readonly task_type: AdapterTask;
  readonly inference_mode: true;
  readonly base_model_name_or_path: string;
  readonly base_fingerprint: Fingerprint;
  readonly base_model_type: string;
  /** Full names of the changed parameters, as in the checkpoint. */
  readonly target_parameters: readonly string[];
  readonly trainable_parameters: number;
  readonly total_parameters: number;
  readonly neuroada_version: string;
}
