/** What a method trains, and how that lies in the flat array of values. */
import type { ModelConfig } from '../../checkpoint/config/modelConfig.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { SelectedEntries } from '../../selection/entrySelection.ts';
import type { SelectedModule } from '../../selection/moduleSelection.ts';
import type { TargetModule } from '../../selection/targetModules.ts';
import { deltaLayout } from './deltaLayout.ts';
import { denseLayout, maskedLayout } from './denseLayout.ts';
import { entryLayout } from './entryLayout.ts';
import { withTrainedHead } from './headLayout.ts';
import { lowRankLayout } from './lowRankLayout.ts';
import type { TrainableLayout } from './trainableLayout.ts';

export type Trainable =
  | { readonly method: 'neuroada' | 'masked'; readonly modules: readonly SelectedModule[] }
  | { readonly method: 'superTuning' | 'shira'; readonly modules: readonly SelectedEntries[] }
  | {
      readonly method: 'full' | 'bitfit';
      readonly modules: readonly TargetModule[];
      /** Checkpoint's names of the weights or biases. */
      readonly tensors: readonly string[];
    }
  | { readonly method: 'lora'; readonly modules: readonly TargetModule[]; readonly lora: RunConfiguration['lora'] };

/** How it lies; beside it an encoder's head, which is trained as a whole whatever the method. */
export function trainableLayout(config: ModelConfig, trainable: Trainable): TrainableLayout {
  const layout = methodLayout(config, trainable);
  return config.family === 'encoder' ? withTrainedHead(layout, config) : layout;
}

function methodLayout(config: ModelConfig, trainable: Trainable): TrainableLayout {
  switch (trainable.method) {
    case 'neuroada':
      return deltaLayout(config, trainable.modules);
    case 'masked':
      return maskedLayout(config, trainable.modules);
    case 'superTuning':
    case 'shira':
      return entryLayout(config, trainable.modules);
    case 'full':
    case 'bitfit':
      return denseLayout(config, new Set(trainable.tensors));
    case 'lora': {
      const { r, alpha, dropout } = trainable.lora;
      const names = new Set(trainable.modules.map(({ module }) => module));
      return lowRankLayout(config, names, { rank: r, scale: alpha / r, hasDropout: dropout > 0 });
    }
  }
}
