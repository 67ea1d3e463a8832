/** Keys of config.json beyond the architecture's own: those without effect on the logits, and those that must be off. */
import type { EncoderType } from './encoderConfig.ts';
import type { StrictJson } from '../strictJson.ts';

/** Keys that say nothing about the forward computation in evaluation mode. */
export const HARMLESS_KEYS: ReadonlySet<string> = new Set(
  `
  _attn_implementation _attn_implementation_autoset _commit_hash _flash_attn_2_enabled _from_model_config _name_or_path
  attn_implementation chunk_size_feed_forward finetuning_task id2label initializer_range is_decoder is_llama_config
  keys_to_ignore_at_inference label2id max_sequence_length model_type name_or_path num_labels output_attentions
  output_hidden_states prefix pretraining_tp problem_type return_dict task_specific_params tf_legacy_loss
  tie_last_hidden_states tokenizer_class torchscript transformers.js_config transformers_version unsloth_fixed
  unsloth_version use_bfloat16 use_cache use_return_dict cross_attention_hidden_size
  bad_words_ids begin_suppress_tokens cls_token_id decoder_start_token_id diversity_penalty do_sample early_stopping
  encoder_no_repeat_ngram_size exponential_decay_length_penalty forced_bos_token_id forced_eos_token_id length_penalty
  max_length min_length mask_token_id no_repeat_ngram_size num_beam_groups num_beams num_return_sequences output_scores
  remove_invalid_values repetition_penalty return_dict_in_generate sep_token_id suppress_tokens temperature top_k top_p
  typical_p unk_token_id
  `
    .trim()
    .split(/\s+/),
);

/**
 * Keys of related architectures that change the computation, each with the values that switch it off (null always
 * does). With any other value the checkpoint is refused.
 */
export const SWITCHED_OFF_KEYS: ReadonlyMap<string, readonly StrictJson[]> = new Map<string, readonly StrictJson[]>([
  ['add_cross_attention', [false]],
  ['alibi', [false]],
  ['attention_chunk_size', []],
  ['attention_multiplier', []],
  ['attn_logit_softcapping', []],
  ['attn_temperature_tuning', [false, 0]],
  ['clip_qkv', []],
  ['compression_config', []],
  ['embedding_multiplier', [1]],
  ['final_logit_softcapping', []],
  ['is_encoder_decoder', [false]],
  ['logit_scale', [1]],
  ['logits_scaling', [1]],
  ['moe_intermediate_size', [0]],
  ['no_rope_layer_interval', []],
  ['no_rope_layers', []],
  ['num_experts', [0]],
  ['num_local_experts', [0, 1]],
  ['per_layer_config', []],
  ['position_embedding_type', ['rope', 'rotary']],
  ['pruned_heads', [new Map()]],
  ['quantization_config', []],
  ['residual_multiplier', [1]],
  ['rope_interleaved', [false]],
  ['scale_depth', [1]],
  ['scale_emb', [1]],
  ['text_config', []],
  ['use_parallel_residual', [false]],
  ['use_qk_norm', [false]],
  ['vision_config', []],
]);

/** The same for encoders, which neither scale nor rotate anything unless they are ModernBERT. */
export const ENCODER_SWITCHED_OFF_KEYS: ReadonlyMap<string, readonly StrictJson[]> = new Map<
  string,
  readonly StrictJson[]
>([
  ...SWITCHED_OFF_KEYS,
  ['embedding_size', []],
  ['is_decoder', [false]],
  ['layer_types', []],
  ['position_embedding_type', ['absolute']],
  ['rope_parameters', []],
  ['rope_scaling', []],
  ['rope_theta', []],
]);

const BERT_KEYS = `gradient_checkpointing directionality pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers
  pooler_size_per_head pooler_type tie_word_embeddings output_past`.split(/\s+/);

/** Keys of each encoder that say nothing about the logits of its classifier in evaluation mode. */
export const HARMLESS_ENCODER_KEYS: Readonly<Record<EncoderType, readonly string[]>> = {
  bert: BERT_KEYS,
  roberta: BERT_KEYS,
  distilbert: [...BERT_KEYS, 'qa_dropout', 'sinusoidal_pos_embds', 'tie_weights_'],
  modernbert: `decoder_bias deterministic_flash_attn gradient_checkpointing initializer_cutoff_factor layer_norm_eps
  position_embedding_type reference_compile repad_logits_with_grad sparse_pred_ignore_index sparse_prediction
  tie_word_embeddings`.split(/\s+/),
};
