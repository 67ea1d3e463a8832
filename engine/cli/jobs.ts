/** Loads a use case when its command runs, so that help and faulty command lines are answered at once. */
import type { Jobs } from '../jobs/contract.ts';

const MODULES: { readonly [Name in keyof Jobs]: string } = {
  train: '../jobs/train.ts',
  select: '../jobs/select.ts',
  merge: '../jobs/merge.ts',
  unmerge: '../jobs/unmerge.ts',
  estimate: '../jobs/estimate.ts',
  devices: '../jobs/devices.ts',
  demo: '../jobs/demo.ts',
};

export async function loadJob<Name extends keyof Jobs>(name: Name): Promise<Jobs[Name]> {
  const module = (await import(MODULES[name])) as Readonly<Record<string, unknown>>;
  return module[`${name}Job`] as Jobs[Name];
}
