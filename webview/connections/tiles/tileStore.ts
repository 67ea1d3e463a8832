/**
 * Tiles of the shown matrix: asks for those in sight, the middle first, cancels those that left it, and keeps what was
 * seen within a limit of memory.
 */
import type { ViewProblem } from '../../../engine/protocol/connectionsView.ts';
import type { InspectionRequestMessage } from '../../../engine/protocol/connectionsView.ts';
import type { Inquiries, Inquiry } from '../inquiry/inquiries.ts';
import { releaseTile, tileOf, type Tile, type TileContent, type TileKind } from './tile.ts';
import { TileCache } from './tileCache.ts';
import type { TilePlace, TileSize } from './tileGrid.ts';

/** Bytes of tiles out of sight and in sight; a screen of 1080p needs about half. */
const LIMIT_BYTES = 24 << 20;

type TileRequest = Pick<InspectionRequestMessage, 'method' | 'params'>;

/** Tiles of one kind of one matrix in one arrangement. */
export interface TileGroup {
  /** Tells from every other group, the revision of the files included. */
  readonly key: string;
  readonly kind: TileKind;
  size(level: number): TileSize;
  request(place: TilePlace): TileRequest;
}

export interface WantedTiles {
  readonly group: TileGroup;
  readonly places: readonly TilePlace[];
}

export class TileStore {
  readonly #inquiries: Inquiries;
  readonly #onChange: () => void;
  readonly #cache = new TileCache<Tile>(LIMIT_BYTES, releaseTile);
  readonly #underWay = new Map<string, Inquiry>();
  readonly #failed = new Set<string>();
  #wanted: ReadonlySet<string> = new Set();
  #problem: ViewProblem | undefined;

  constructor(inquiries: Inquiries, onChange: () => void) {
    this.#inquiries = inquiries;
    this.#onChange = onChange;
  }

  get problem(): ViewProblem | undefined {
    return this.#problem;
  }

  get isWaiting(): boolean {
    return this.#underWay.size > 0;
  }

  /** Everything that is in sight from now on. */
  want(wanted: readonly WantedTiles[]): void {
    const all = wanted.flatMap(({ group, places }) =>
      places.map((place) => ({ group, place, key: keyOf(group, place) })),
    );
    this.#wanted = new Set(all.map(({ key }) => key));
    for (const [key, inquiry] of this.#underWay) {
      if (this.#wanted.has(key)) continue;
      inquiry.cancel();
      this.#underWay.delete(key);
    }
    for (const { group, place, key } of all) {
      if (this.#underWay.has(key) || this.#failed.has(key) || this.#cache.get(key) !== undefined) continue;
      this.#ask(group, place, key);
    }
  }

  tile(group: TileGroup, place: TilePlace): Tile | undefined {
    return this.#cache.get(keyOf(group, place));
  }

  /** Tiles of a group at all levels, the coarsest first. */
  tilesOf(group: TileGroup): Tile[] {
    return [...this.#cache.values()].filter((tile) => tile.group === group.key).sort((a, b) => b.level - a.level);
  }

  retry(): void {
    this.#failed.clear();
    this.#problem = undefined;
  }

  #ask(group: TileGroup, place: TilePlace, key: string): void {
    const { method, params } = group.request(place);
    const inquiry = this.#inquiries.ask(method, params, {
      answer: (result) => {
        this.#underWay.delete(key);
        const content = { kind: group.kind, ...result } as TileContent;
        this.#cache.put(key, tileOf(group.key, place, group.size(place.level), content), (each) =>
          this.#wanted.has(each),
        );
        this.#onChange();
      },
      fail: (problem) => {
        this.#underWay.delete(key);
        this.#failed.add(key);
        this.#problem = problem;
        this.#onChange();
      },
    });
    this.#underWay.set(key, inquiry);
  }
}

function keyOf({ key }: TileGroup, { level, tileRow, tileColumn }: TilePlace): string {
  return `${key}\n${level}/${tileRow}/${tileColumn}`;
}
