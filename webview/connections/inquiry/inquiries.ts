/**
 * The requests under way: each has an id, a few run at a time, the rest wait in line. A cancelled request is never heard
 * of again, wherever it was.
 */
import type {
  ConnectionsHostMessage,
  InspectionRequestMessage,
  ViewProblem,
} from '../../../engine/protocol/connectionsView.ts';
import type { InspectionMethod, InspectionRequests } from '../../../engine/protocol/connections/inspection.ts';
import type { JobProgress } from '../../../engine/protocol/rpc.ts';
import { releaseArrays } from './releasedArrays.ts';

/** More would only wait in the engine, where they cannot be taken back as cheaply. */
const PARALLEL = 6;

export interface InquiryListener<R> {
  answer(result: R): void;
  fail(problem: ViewProblem): void;
  progress?(progress: JobProgress): void;
}

export interface Inquiry {
  cancel(): void;
}

type Outgoing = InspectionRequestMessage | { readonly type: 'cancel'; readonly id: number };
type Incoming = Extract<ConnectionsHostMessage, { readonly id: number }>;

interface Pending {
  readonly message: InspectionRequestMessage;
  readonly listener: InquiryListener<unknown>;
}

export class Inquiries {
  readonly #post: (message: Outgoing) => void;
  readonly #waiting = new Map<number, Pending>();
  readonly #running = new Map<number, Pending>();
  #lastId = 0;

  constructor(post: (message: Outgoing) => void) {
    this.#post = post;
  }

  ask<M extends InspectionMethod>(
    method: M,
    params: InspectionRequests[M]['params'],
    listener: InquiryListener<InspectionRequests[M]['result']>,
  ): Inquiry {
    const id = ++this.#lastId;
    const message = { type: 'request', id, method, params } as InspectionRequestMessage;
    this.#waiting.set(id, { message, listener });
    this.#startNext();
    return { cancel: () => this.#cancel(id) };
  }

  receive(message: Incoming): void {
    const pending = this.#running.get(message.id);
    if (pending === undefined) {
      if (message.type === 'answer') releaseArrays(message.result);
      return;
    }
    if (message.type === 'progress') {
      pending.listener.progress?.(message.progress);
      return;
    }
    this.#running.delete(message.id);
    this.#startNext();
    if (message.type === 'answer') pending.listener.answer(message.result);
    else pending.listener.fail(message.problem);
  }

  #cancel(id: number): void {
    if (this.#waiting.delete(id) || !this.#running.delete(id)) return;
    this.#post({ type: 'cancel', id });
    this.#startNext();
  }

  #startNext(): void {
    for (const [id, pending] of this.#waiting) {
      if (this.#running.size >= PARALLEL) return;
      this.#waiting.delete(id);
      this.#running.set(id, pending);
      this.#post(pending.message);
    }
  }
}
