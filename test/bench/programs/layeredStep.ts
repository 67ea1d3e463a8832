/** The layered step, nothing saved, against its bare products with those that it recomputes. */
import { createLayeredPlan } from '../../../engine/training/plans/layeredPlan.ts';
import { BENCH_OPTIONS } from '../smolModel.ts';
import { reportStepRatios } from '../stepRatio.ts';

await reportStepRatios('layered', true, (weights, layout) => createLayeredPlan(weights, layout, BENCH_OPTIONS, 'none'));
