/** The whole-graph step against its bare products. */
import { createWholeGraphPlan } from '../../../engine/training/plans/wholeGraphPlan.ts';
import { BENCH_OPTIONS } from '../smolModel.ts';
import { reportStepRatios } from '../stepRatio.ts';

const HEAD_CHUNKS = 2;

await reportStepRatios('whole-graph', false, (weights, layout) =>
  createWholeGraphPlan(weights, layout, BENCH_OPTIONS, HEAD_CHUNKS),
);
