/** Keeps the last model in memory, so that the next prompt is answered at once; prompts are answered one by one. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenModel } from './generate.ts';
import type { ModelLocation } from './modelLocation.ts';
import type { OpenedModel } from './openedModel.ts';

export class ModelShelf {
  #key = '';
  #model: Promise<OpenedModel> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Waits for its turn, since the sides of a model share their weights; `work` gets its model through `open`. */
  use<T>(work: (open: OpenModel) => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => work((location) => this.#open(location)));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #open(location: ModelLocation): Promise<OpenedModel> {
    const key = JSON.stringify([location, await stamps(location)]);
    if (this.#model === undefined || key !== this.#key) {
      const former = this.#model;
      this.#model = undefined;
      await (await former?.catch(() => undefined))?.release();
      const { openModel } = await import('./openedModel.ts');
      this.#key = key;
      this.#model = openModel(location, new Date());
      this.#model.catch(() => {
        if (this.#key === key) this.#model = undefined;
      });
    }
    return this.#model;
  }
}

/** When the model's folders were last changed: another model of the same name is another model. */
async function stamps({ base, tuning }: ModelLocation): Promise<readonly number[]> {
  const paths = [base, join(base, 'config.json'), ...(tuning === undefined ? [] : [tuning.folder])];
  return Promise.all(paths.map(async (path) => (await stat(path)).mtimeMs));
}
