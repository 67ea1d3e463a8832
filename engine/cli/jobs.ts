/** Loads a use case when its command runs, so that help and faulty command lines are answered at once. */
import type { Jobs } from '../jobs/contract.ts';

const LOADERS: { readonly [Name in keyof Jobs]: () => Promise<Jobs[Name]> } = {
  train: async () => (await import('../jobs/training/train.ts')).trainJob,
  select: async () => (await import('../jobs/select.ts')).selectJob,
  merge: async () => (await import('../jobs/merging/merge.ts')).mergeJob,
  unmerge: async () => (await import('../jobs/merging/unmerge.ts')).unmergeJob,
  estimate: async () => (await import('../jobs/preparation/estimate.ts')).estimateJob,
  generate: async () => (await import('../jobs/answering/generate.ts')).generateJob,
  evaluate: async () => (await import('../jobs/answering/evaluate.ts')).evaluateJob,
  compare: async () => (await import('../jobs/comparison/compare.ts')).compareJob,
  export: async () => (await import('../jobs/merging/interchange.ts')).exportJob,
  import: async () => (await import('../jobs/merging/interchange.ts')).importJob,
  difference: async () => (await import('../jobs/merging/interchange.ts')).differenceJob,
  devices: async () => (await import('../jobs/devices.ts')).devicesJob,
  demo: async () => (await import('../jobs/demo.ts')).demoJob,
};

export function loadJob<Name extends keyof Jobs>(name: Name): Promise<Jobs[Name]> {
  return LOADERS[name]();
}
