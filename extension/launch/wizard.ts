/** A sequence of quick picks with Back: each step changes a draft, and is shown again with what was chosen before. */
import { QuickInputButtons, window, type QuickPickItem } from 'vscode';

/** What a step ends in: a changed draft, or one step back, or out of all of them. */
export type StepEnd<D> = { readonly draft: D } | 'back' | 'cancel';

export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

export type Step<D> = (draft: D, place: StepPlace) => Promise<StepEnd<D>>;

/** Walks through the steps; undefined where the user left. */
export async function walk<D>(title: string, steps: readonly Step<D>[], start: D): Promise<D | undefined> {
  const drafts = [start];
  while (drafts.length <= steps.length) {
    const index = drafts.length - 1;
    const end = await steps[index]!(drafts[index]!, { title, step: index + 1, totalSteps: steps.length });
    if (end === 'cancel') return undefined;
    if (end !== 'back') drafts.push(end.draft);
    else if (drafts.length > 1) drafts.pop();
  }
  return drafts.at(-1);
}

export interface PickOptions<T extends QuickPickItem> {
  readonly place: StepPlace;
  readonly placeholder: string;
  /** May take a while; the pick shows at once. */
  readonly items: Promise<readonly T[]>;
  /** The item that Enter takes; the first where none is. */
  readonly isDefault?: (item: T) => boolean;
}

/** One quick pick of the sequence. Rejects with what `items` rejects with. */
export async function pick<T extends QuickPickItem>(options: PickOptions<T>): Promise<T | 'back' | 'cancel'> {
  const { place, placeholder, items, isDefault } = options;
  const input = window.createQuickPick<T>();
  Object.assign(input, { ...place, placeholder, ignoreFocusOut: true, matchOnDescription: true, matchOnDetail: true });
  input.buttons = place.step > 1 ? [QuickInputButtons.Back] : [];
  input.busy = true;
  // Enter before the items are there takes the usual one as soon as it is known.
  let isAcceptedEarly = false;
  const chosen = new Promise<T | 'back' | 'cancel'>((resolve) => {
    input.onDidTriggerButton(() => {
      resolve('back');
    });
    input.onDidHide(() => {
      resolve('cancel');
    });
    input.onDidAccept(() => {
      const [item] = input.activeItems;
      if (item !== undefined) resolve(item);
      else isAcceptedEarly = input.busy;
    });
  });
  input.show();
  const loaded = items.then((list) => {
    const usual = list.find((item) => isDefault?.(item) === true) ?? list[0];
    if (isAcceptedEarly && usual !== undefined) return usual;
    input.items = list;
    if (usual !== undefined) input.activeItems = [usual];
    input.busy = false;
    return chosen;
  });
  try {
    return await Promise.race([chosen, loaded]);
  } finally {
    input.dispose();
  }
}
