/** The measures of all modules of a source as far as they are known: asked for layer by layer, so that each appears soon. */
import type { ViewProblem } from '../../../engine/protocol/connectionsView.ts';
import type { SourceDescription } from '../../../engine/protocol/connections/connectionSource.ts';
import type { Measure, Overview } from '../../../engine/protocol/connections/inspection.ts';
import type { ShownSource, SourceAtMoment, View } from '../view/view.ts';
import type { Answers } from '../inquiry/answers.ts';
import { byLayer } from '../state/layers.ts';
import { distinctMoments, MOMENT_REVISION } from '../state/moments.ts';

export interface Figures {
  /** Undefined while unknown; NaN where the source has none. */
  value(module: string, measure: Measure): number | undefined;
  /** The value or, while it is unknown, that of the moment before. */
  latest(module: string, measure: Measure): number | undefined;
  readonly isComplete: boolean;
  readonly problem: ViewProblem | undefined;
}

interface Place {
  readonly overview: Overview;
  readonly index: number;
}

/** @param module asks for the layer of this module alone */
export function figuresOf(answers: Answers, shown: ShownSource, module?: string): Figures {
  const { source, description, revision, before } = shown;
  const places = new Map<string, Place>();
  let isComplete = true;
  let problem: ViewProblem | undefined;
  for (const modules of layerNames(description)) {
    if (module !== undefined && !modules.includes(module)) continue;
    const answer = answers.of('inspection/overview', { source, modules }, revision);
    if (answer.status === 'known') addPlaces(places, modules, answer.value);
    else isComplete = false;
    if (answer.status === 'failed') problem ??= answer.problem;
  }
  const earlier = before === undefined || isComplete ? undefined : knownPlaces(answers, before);
  const value = (module: string, measure: Measure): number | undefined => valueAt(places.get(module), measure);
  return {
    value,
    latest: (module, measure) => value(module, measure) ?? valueAt(earlier?.get(module), measure),
    isComplete,
    problem,
  };
}

/** What can stand for the next moment until that is known: the one that was shown, or what stood for that. */
export function standIn(answers: Answers, { before, ...shown }: ShownSource): SourceAtMoment | undefined {
  return knownPlaces(answers, shown).size === shown.description.modules.length ? shown : before;
}

/** Of what was asked for already. */
function knownPlaces(answers: Answers, { source, description, revision }: SourceAtMoment): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const modules of layerNames(description)) {
    const overview = answers.known('inspection/overview', { source, modules }, revision);
    if (overview !== undefined) addPlaces(places, modules, overview);
  }
  return places;
}

function valueAt(place: Place | undefined, measure: Measure): number | undefined {
  return place && place.overview[measure][place.index];
}

/** Selected connections of all moments together that are read without being asked for: some tens of megabytes. */
const FREE_CONNECTIONS = 5e6;

/** Asks for every moment of a small run, so that its growth is seen at once. */
export function readAhead({ answers }: View, { source, description }: ShownSource): void {
  if (source.kind !== 'run' || description.selected * description.moments.length > FREE_CONNECTIONS) return;
  for (const { at } of distinctMoments(description, source)) {
    const there = { ...source, at };
    const described = answers.of('inspection/describe', { source: there }, MOMENT_REVISION);
    if (described.status !== 'known') continue;
    for (const modules of layerNames(described.value))
      answers.of('inspection/overview', { source: there, modules }, described.value.revision);
  }
}

/** What is known of a measure at one moment of the run. */
export interface MomentFigures {
  readonly step: number;
  values(measure: Measure): Float64Array;
  value(module: string, measure: Measure): number | undefined;
}

/** The moments of a source whose measures were seen already, oldest first: how deltas grew. */
export function knownMoments({ answers }: View, { source, description }: ShownSource): MomentFigures[] {
  if (source.kind !== 'run') return [];
  return distinctMoments(description, source).flatMap(({ at, step }) => {
    const there = { ...source, at };
    const described = answers.known('inspection/describe', { source: there }, MOMENT_REVISION);
    if (described === undefined) return [];
    const places = knownPlaces(answers, { source: there, description: described, revision: described.revision });
    const value = (module: string, measure: Measure): number | undefined => valueAt(places.get(module), measure);
    const values = (measure: Measure): Float64Array =>
      Float64Array.from(places.values(), ({ overview, index }) => overview[measure][index]!);
    return places.size === 0 ? [] : [{ step, value, values }];
  });
}

function addPlaces(places: Map<string, Place>, modules: readonly string[], overview: Overview): void {
  for (const [index, module] of modules.entries()) places.set(module, { overview, index });
}

function layerNames({ modules }: SourceDescription): string[][] {
  return byLayer(modules).map((layer) => layer.map(({ module }) => module));
}
