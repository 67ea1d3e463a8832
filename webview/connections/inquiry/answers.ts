/**
 * Answers as something that can be looked at while a page is drawn: what is not known yet is asked for, the page is drawn
 * again when it comes, and what one drawing no longer looks at is cancelled.
 */
import type { ViewProblem } from '../../../engine/protocol/connectionsView.ts';
import type { InspectionMethod, InspectionRequests } from '../../../engine/protocol/connections/inspection.ts';
import type { JobProgress } from '../../../engine/protocol/rpc.ts';
import type { Inquiries, Inquiry } from './inquiries.ts';

export type Answer<R> =
  | { readonly status: 'waiting'; readonly progress?: JobProgress }
  | { readonly status: 'known'; readonly value: R }
  | { readonly status: 'failed'; readonly problem: ViewProblem };

/** Answers that are kept although no drawing looks at them: all layers of some tens of checkpoints. */
const KEPT = 2_000;

interface Entry {
  answer: Answer<unknown>;
  inquiry: Inquiry | undefined;
  round: number;
}

/** Which files an answer is of: it holds as long as they do not change. */
export type Revision = string;

export class Answers {
  readonly #inquiries: Inquiries;
  readonly #onChange: () => void;
  /** In the order of use, the oldest first. */
  readonly #entries = new Map<string, Entry>();
  #round = 0;

  constructor(inquiries: Inquiries, onChange: () => void) {
    this.#inquiries = inquiries;
    this.#onChange = onChange;
  }

  /** The answer as far as it is known; asks for it if nobody has. */
  of<M extends InspectionMethod>(
    method: M,
    params: InspectionRequests[M]['params'],
    revision: Revision,
  ): Answer<InspectionRequests[M]['result']> {
    const key = keyOf(method, params, revision);
    const entry = this.#entries.get(key) ?? this.#ask(method, params);
    entry.round = this.#round;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.answer as Answer<InspectionRequests[M]['result']>;
  }

  /** The answer only if it is known already. */
  known<M extends InspectionMethod>(
    method: M,
    params: InspectionRequests[M]['params'],
    revision: Revision,
  ): InspectionRequests[M]['result'] | undefined {
    const answer = this.#entries.get(keyOf(method, params, revision))?.answer;
    return answer?.status === 'known' ? (answer.value as InspectionRequests[M]['result']) : undefined;
  }

  /** Draws, and cancels what was under way but was not looked at. */
  round<T>(draw: () => T): T {
    this.#round += 1;
    const drawn = draw();
    let surplus = this.#entries.size - KEPT;
    for (const [key, { inquiry, round }] of this.#entries) {
      if (round === this.#round) continue;
      if (inquiry === undefined && surplus <= 0) continue;
      inquiry?.cancel();
      this.#entries.delete(key);
      surplus -= 1;
    }
    return drawn;
  }

  /** Forgets failures, so that they are tried again. */
  retry(): void {
    for (const [key, { answer }] of this.#entries) if (answer.status === 'failed') this.#entries.delete(key);
    this.#onChange();
  }

  #ask<M extends InspectionMethod>(method: M, params: InspectionRequests[M]['params']): Entry {
    const entry: Entry = { answer: { status: 'waiting' }, inquiry: undefined, round: this.#round };
    const settle = (answer: Answer<unknown>): void => {
      entry.answer = answer;
      if (answer.status !== 'waiting') entry.inquiry = undefined;
      this.#onChange();
    };
    entry.inquiry = this.#inquiries.ask(method, params, {
      answer: (value) => settle({ status: 'known', value }),
      fail: (problem) => settle({ status: 'failed', problem }),
      progress: (progress) => settle({ status: 'waiting', progress }),
    });
    return entry;
  }
}

function keyOf(method: string, params: unknown, revision: Revision): string {
  return `${revision}\n${method}\n${JSON.stringify(params)}`;
}
