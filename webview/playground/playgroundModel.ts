/** What the page shows, and how messages and wishes change it: pure, so that it can be tested without a page. */
import {
  DEFAULT_SAMPLING,
  type Answer,
  type AnswerToken,
  type ModelSide,
  type SamplingParams,
} from '../../engine/protocol/answers/generation.ts';
import type {
  PlaygroundHostMessage,
  PlaygroundModel,
  PlaygroundQuestion,
  PlaygroundState,
} from '../../engine/protocol/answers/playground.ts';

/** A token under the pointer or the cursor. */
export interface PointedToken {
  readonly side: ModelSide;
  readonly index: number;
}

export interface PageState {
  readonly model: PlaygroundModel | undefined;
  readonly question: PlaygroundQuestion;
  readonly isAsking: boolean;
  /** What the engine is at before the first token. */
  readonly phase: string;
  readonly tokens: Readonly<Record<ModelSide, readonly AnswerToken[]>>;
  /** Once the question is answered in full. */
  readonly answers: readonly Answer[];
  readonly problem: string | undefined;
  readonly pointed: PointedToken | undefined;
}

const NO_TOKENS: PageState['tokens'] = { base: [], tuned: [] };

const EMPTY_QUESTION: PlaygroundQuestion = { prompt: '', system: '', template: 'auto', sampling: DEFAULT_SAMPLING };

/** @param saved as an older version may have written it */
export function initialPage(saved: Partial<PlaygroundState> | undefined): PageState {
  const question = { ...EMPTY_QUESTION, ...saved?.question };
  return {
    model: undefined,
    question: { ...question, sampling: { ...DEFAULT_SAMPLING, ...question.sampling } },
    isAsking: false,
    phase: '',
    tokens: NO_TOKENS,
    answers: [],
    problem: undefined,
    pointed: undefined,
  };
}

/** The page after a message of the host. */
export function received(page: PageState, message: PlaygroundHostMessage): PageState {
  switch (message.type) {
    case 'model':
      return page.model?.path === message.model.path
        ? { ...page, model: message.model }
        : { ...cleared(page), model: message.model };
    case 'phase':
      return { ...page, phase: message.text };
    case 'tokens':
      return { ...page, phase: '', tokens: withTokens(page.tokens, message.tokens) };
    case 'answered':
      return { ...page, isAsking: false, phase: '', answers: message.result.answers };
    case 'ended':
      return { ...page, isAsking: false, phase: '', problem: message.problem };
  }
}

/** The page once a question is asked: the answers of the one before are gone. */
export function asked(page: PageState): PageState {
  return { ...cleared(page), isAsking: true };
}

export function questionChanged(
  page: PageState,
  change: Partial<PlaygroundQuestion>,
  sampling: Partial<SamplingParams> = {},
): PageState {
  const question = { ...page.question, ...change };
  return { ...page, question: { ...question, sampling: { ...question.sampling, ...sampling } } };
}

/** The pointed token moved by so many places within its answer. */
export function pointedBy(page: PageState, side: ModelSide, places: number): PageState {
  const last = page.tokens[side].length - 1;
  if (last < 0) return page;
  const from = page.pointed?.side === side ? page.pointed.index : places > 0 ? -1 : last + 1;
  return { ...page, pointed: { side, index: Math.min(last, Math.max(0, from + places)) } };
}

function cleared(page: PageState): PageState {
  return {
    ...page,
    isAsking: false,
    phase: '',
    tokens: NO_TOKENS,
    answers: [],
    problem: undefined,
    pointed: undefined,
  };
}

function withTokens(known: PageState['tokens'], added: readonly AnswerToken[]): PageState['tokens'] {
  const of = (side: ModelSide): readonly AnswerToken[] => [
    ...known[side],
    ...added.filter((token) => token.side === side),
  ];
  return { base: of('base'), tuned: of('tuned') };
}
