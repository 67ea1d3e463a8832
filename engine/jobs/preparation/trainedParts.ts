/** What was trained, taken out of the flat array: module by module as the adapter formats have it. */
import type { AdapterModule } from '../../adapter/adapter.ts';
import type { HeadTensor } from '../../adapter/headFile.ts';
import type { EntryParameterChange, ValueParameterChange } from '../../adapter/changesAdapter.ts';
import type { LowRankModule } from '../../adapter/loraAdapter.ts';
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import { lowRankProduct } from '../../merge/changes/adapterChanges.ts';
import { FLOAT_ACCESS } from '../../merge/bits/floatAccess.ts';
import { entriesOf } from '../../merge/changes/moduleEntries.ts';
import { entryChange, type TensorChange } from '../../merge/changes/tensorChange.ts';
import type { SelectedEntries } from '../../selection/entrySelection.ts';
import type { SelectedModule } from '../../selection/moduleSelection.ts';
import { headParts } from '../../training/layouts/headLayout.ts';
import { tensorRanges } from '../../training/layouts/tensorRanges.ts';
import type { Trainable } from '../../training/layouts/trainable.ts';
import type { TrainableLayout } from '../../training/layouts/trainableLayout.ts';

/** Selected connections with their deltas, whether these were trained or the weights themselves by a mask. */
export function selectedModules(
  modules: readonly SelectedModule[],
  config: ModelConfig,
  layout: TrainableLayout,
  values: Float32Array,
): readonly AdapterModule[] {
  const ranges = new Map(
    layout.parts
      .flatMap((part) => (part.kind === 'selected' ? part.modules : []))
      .map((range) => [range.selection.module, range]),
  );
  const weights = tensorRanges(config, layout);
  return modules.map((selected) => {
    const range = ranges.get(selected.module);
    if (range !== undefined) {
      return { ...selected, deltas: values.slice(range.offset, range.offset + range.length) };
    }
    const weight = weights.get(`${selected.module}.weight`);
    if (weight === undefined) throw new Error(`the layout has no values for ${selected.module}`);
    return {
      ...selected,
      deltas: maskedDeltas(selected, values.subarray(weight.offset, weight.offset + weight.length)),
    };
  });
}

/** What training has added to the base's weights at the selected connections. */
function maskedDeltas(selected: SelectedModule, weight: Float32Array): Float32Array {
  const { elements, originals, dtype } = entriesOf({ ...selected, deltas: new Float32Array() });
  const { valueOf } = FLOAT_ACCESS[dtype];
  return Float32Array.from(elements, (element, entry) => (weight[element] ?? 0) - valueOf(originals[entry] ?? 0));
}

/** Deltas at entries of whole matrices. */
export function entryChanges(
  modules: readonly SelectedEntries[],
  layout: TrainableLayout,
  values: Float32Array,
): readonly EntryParameterChange[] {
  const ranges = new Map(
    layout.parts.flatMap((part) => (part.kind === 'entries' ? part.modules : [])).map((range) => [range.module, range]),
  );
  return modules.map(({ module, dtype, positions, originals }) => {
    const range = ranges.get(module);
    if (range === undefined) throw new Error(`the layout has no deltas for ${module}`);
    const deltas = values.slice(range.offset, range.offset + range.length);
    return { kind: 'entries', tensor: `${module}.weight`, dtype, positions, originals, deltas };
  });
}

/** Parameters that were trained as a whole. */
export function wholeParameters(
  tensors: readonly string[],
  config: ModelConfig,
  layout: TrainableLayout,
  values: Float32Array,
): readonly ValueParameterChange[] {
  const ranges = tensorRanges(config, layout);
  return tensors.map((tensor) => {
    const range = ranges.get(tensor);
    if (range === undefined) throw new Error(`the layout has no values for ${tensor}`);
    const { offset, length, shape } = range;
    return { kind: 'values', tensor, shape, values: values.subarray(offset, offset + length) };
  });
}

/** The factors of every bypass. */
export function lowRankModules(layout: TrainableLayout, values: Float32Array): readonly LowRankModule[] {
  const factors = layout.parts.filter((part) => part.kind === 'lowRank');
  return factors.flatMap((a): LowRankModule[] => {
    const b = factors.find(({ factor, module }) => factor === 'B' && module.module === a.module.module);
    if (a.factor === 'B' || b === undefined) return [];
    const cut = ({ offset, length }: typeof a): Float32Array => values.slice(offset, offset + length);
    return [{ ...a.module, rank: a.shape[0] ?? 0, a: cut(a), b: cut(b) }];
  });
}

/** Everything that was trained, as changes of the checkpoint's tensors. */
export function trainedChanges(
  trainable: Trainable,
  config: ModelConfig,
  layout: TrainableLayout,
  values: Float32Array,
): readonly { readonly tensor: string; readonly change: TensorChange }[] {
  switch (trainable.method) {
    case 'neuroada':
    case 'masked':
      return selectedModules(trainable.modules, config, layout, values).map((module) => ({
        tensor: `${module.module}.weight`,
        change: { kind: 'entries', entries: entriesOf(module) },
      }));
    case 'superTuning':
    case 'shira':
      return entryChanges(trainable.modules, layout, values).map((change) => ({
        tensor: change.tensor,
        change: entryChange(change),
      }));
    case 'full':
    case 'bitfit':
      return wholeParameters(trainable.tensors, config, layout, values).map((change) => ({
        tensor: change.tensor,
        change,
      }));
    case 'lora': {
      const { r, alpha } = trainable.lora;
      return lowRankModules(layout, values).map((factors) => ({
        tensor: `${factors.module}.weight`,
        change: { kind: 'sum', deltas: lowRankProduct(factors, alpha / r) },
      }));
    }
  }
}

/** The tensors of an encoder's head, which is trained as a whole beside everything else; none for decoders. */
export function headTensors(layout: TrainableLayout, values: Float32Array): readonly HeadTensor[] {
  return headParts(layout).map(({ parameter, shape, offset, length }) => ({
    name: parameter,
    shape,
    values: values.slice(offset, offset + length),
  }));
}
