/** What a method will train, known before any weight is read; and the choices that a method does not have. */
import { expectedTensors } from '../../checkpoint/config/modelConfig.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { ExpectedError } from '../../errors/expected.ts';
import type { RunConfiguration } from '../../protocol/configuration/configuration.ts';
import type { Method } from '../../protocol/configuration/methods.ts';
import { participatingNeurons } from '../../selection/budget.ts';
import { linearModules, matchingModules, type TargetModule } from '../../selection/targetModules.ts';
import { planSelection } from '../../selection/selection.ts';
import type { Trainable } from '../../training/layouts/trainable.ts';

export interface MethodPlan {
  readonly modules: readonly TargetModule[];
  /** Connections per neuron, which the default learning rate depends on; 0 where none are selected. */
  readonly k: number;
  readonly trainableParameters: number;
  /** What is trained, of the right size, where selected connections do not matter. */
  readonly shape: Trainable;
}

type MethodChoice = Pick<RunConfiguration, 'method' | 'selection' | 'lora'>;

/** Methods that train selected connections of each neuron. */
const PER_NEURON: readonly Method[] = ['neuroada', 'masked'];
/** Methods that train a number of entries, and so have a budget. */
const SPARSE: readonly Method[] = [...PER_NEURON, 'superTuning', 'shira'];

/** @throws ExpectedError `selection/…`, `method/noBiases`, `method/noSuchChoice` */
export function planMethod(
  checkpoint: Pick<Checkpoint, 'config' | 'parameterCount'>,
  choice: MethodChoice,
): MethodPlan {
  refuseOtherChoices(choice);
  const { method, selection, lora } = choice;
  if (SPARSE.includes(method)) return sparsePlan(checkpoint, choice);
  const available = linearModules(checkpoint.config);
  const modules =
    selection.targetModules === undefined ? available : matchingModules(available, selection.targetModules);
  if (method === 'lora') {
    const trainableParameters = modules.reduce((total, { rows, columns }) => total + lora.r * (rows + columns), 0);
    return { modules, k: 0, trainableParameters, shape: { method, modules, lora } };
  }
  const tensors = method === 'bitfit' ? biasesOf(checkpoint, modules) : modules.map(({ module }) => `${module}.weight`);
  const sizes = new Map(
    expectedTensors(checkpoint.config).map(({ name, shape }) => [name, shape.reduce((total, size) => total * size, 1)]),
  );
  const trainableParameters = tensors.reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
  const dense = method === 'bitfit' ? method : 'full';
  return { modules, k: 0, trainableParameters, shape: { method: dense, modules, tensors } };
}

function sparsePlan(checkpoint: Pick<Checkpoint, 'config' | 'parameterCount'>, choice: MethodChoice): MethodPlan {
  const { neuronShare } = choice.selection;
  const { modules, k, trainableParameters } = planSelection(checkpoint, choice.selection);
  const nothing = { dtype: 'F32', originals: new Uint8Array() } as const;
  const countOf = ({ rows, columns }: TargetModule): number =>
    participatingNeurons(rows, neuronShare) * Math.min(k, columns);
  if (choice.method === 'superTuning' || choice.method === 'shira') {
    const shaped = modules.map((target) => ({ ...target, ...nothing, positions: new Int32Array(countOf(target)) }));
    return { modules, k, trainableParameters, shape: { method: choice.method, modules: shaped } };
  }
  const shaped = modules.map((target) => {
    const count = participatingNeurons(target.rows, neuronShare);
    const neurons = count === target.rows ? null : Int32Array.from({ length: count }, (_, row) => row);
    const ofEach = Math.min(k, target.columns);
    return { ...target, ...nothing, k: ofEach, neurons, indices: new Int32Array(count * ofEach) };
  });
  const method = choice.method === 'masked' ? choice.method : 'neuroada';
  return { modules, k, trainableParameters, shape: { method, modules: shaped } };
}

function biasesOf({ config }: Pick<Checkpoint, 'config'>, modules: readonly TargetModule[]): readonly string[] {
  const present = new Set(expectedTensors(config).map(({ name }) => name));
  const biases = modules.map(({ module }) => `${module}.bias`).filter((name) => present.has(name));
  if (biases.length > 0) return biases;
  throw new ExpectedError(
    'method/noBiases',
    'expected target modules with biases, which BitFit trains, found none in the checkpoint',
    'Choose another method; of the supported families Qwen 2 has biases, in q_proj, k_proj and v_proj.',
    { field: 'method' },
  );
}

/** Choices of a selection that other methods would silently not heed; a budget may stand for the methods that have one. */
function refuseOtherChoices({ method, selection }: MethodChoice): void {
  const { strategy, neuronShare } = selection;
  const refused: readonly (readonly [field: string, isRefused: boolean])[] = [
    ['strategy', strategy !== 'magnitude' && !PER_NEURON.includes(method)],
    ['neuronShare', neuronShare !== 1 && !SPARSE.includes(method)],
  ];
  const field = refused.find(([, isRefused]) => isRefused)?.[0];
  if (field === undefined) return;
  throw new ExpectedError(
    'method/noSuchChoice',
    `the method ${JSON.stringify(method)} has no selection.${field}`,
    `Leave selection.${field} out, or choose a method that selects connections.`,
    { field: `selection.${field}` },
  );
}
