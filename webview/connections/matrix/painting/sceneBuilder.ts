/** Makes the scene of a moment: which tiles are needed, which of them are there, and in which colours. */
import { mixed, pixelOf } from '../../color/rgb.ts';
import { BLACK, WHITE } from '../../color/rgb.ts';
import { TileBitmaps, type Colouring } from '../../tiles/tileBitmap.ts';
import type { Tile } from '../../tiles/tile.ts';
import { tilesOf, type TilePlace } from '../../tiles/tileGrid.ts';
import type { TileGroup, TileStore, WantedTiles } from '../../tiles/tileStore.ts';
import { levelOf } from '../../viewport/level.ts';
import { visibleColumns, visibleRows, type Viewport } from '../../viewport/viewport.ts';
import type { MatrixModel } from '../../model/matrixModel.ts';
import { minimapPlace } from './minimap.ts';
import type { PictureLayout } from './pictureLayout.ts';
import type { Scene } from './scene.ts';
import { tileGroups } from './tileGroups.ts';

/** Time for painting tiles in one frame; the rest is painted in the next ones. */
const PAINT_MS = 7;

/** From this size on, weights are loaded whatever the layer, to be read. */
const READABLE_ZOOM = 24;

export interface BuiltScene {
  readonly scene: Scene;
  readonly minimapTile: Tile | undefined;
  /** Whether tiles are left to be painted. */
  readonly isUnfinished: boolean;
}

export class SceneBuilder {
  readonly #store: TileStore;
  readonly #bitmaps = new TileBitmaps();

  constructor(store: TileStore) {
    this.#store = store;
  }

  build(
    model: MatrixModel,
    layout: PictureLayout,
    viewport: Viewport,
    marks: Pick<Scene, 'pointed' | 'cursor'>,
  ): BuiltScene {
    const { frame } = layout;
    const level = levelOf(viewport.zoom, frame);
    const groups = tileGroups(model);
    const placesOf = (group: TileGroup): TilePlace[] =>
      tilesOf(visibleRows(viewport, frame), visibleColumns(viewport, frame), level, group.size(level));
    const isReadable = level === 0 && viewport.zoom >= READABLE_ZOOM;
    const hasWeights = groups.weights !== undefined && (model.layer === 'weight' || isReadable);
    const shown = model.layer === 'difference' ? groups.difference! : groups.selection;
    const counted = model.layer === 'selection' ? [groups.otherSelection ?? groups.selection] : [];
    const wanted = [groups.selection, shown, ...(hasWeights ? [groups.weights] : []), ...counted]
      .filter((group, index, all) => all.indexOf(group) === index)
      .map((group): WantedTiles => ({ group, places: placesOf(group) }));
    const overall = minimapPlace(frame.rows, frame.columns);
    this.#store.want([...wanted, { group: groups.selection, places: [overall] }]);
    const drawn = model.layer === 'weight' && hasWeights ? [groups.selection, groups.weights] : [shown];
    const colouring = this.#colouring(model, [...drawn, ...counted], level);
    const painted = this.#painted(
      wanted.filter(({ group }) => drawn.includes(group)),
      level,
      colouring,
    );
    const exact = (group: TileGroup | undefined): Tile[] =>
      group === undefined ? [] : placesOf(group).flatMap((place) => this.#store.tile(group, place) ?? []);
    const scene: Scene = {
      ...{ model, layout, viewport, level, colouring, ...marks },
      theme: model.view.look.theme,
      tiles: painted.tiles,
      selectionTiles: exact(groups.selection),
      weightTiles: hasWeights ? exact(groups.weights) : [],
    };
    return {
      scene,
      minimapTile: this.#store.tile(groups.selection, overall),
      isUnfinished: painted.isUnfinished,
    };
  }

  #colouring(model: MatrixModel, groups: readonly TileGroup[], level: number): Colouring {
    const { look } = model.view;
    const tiles = groups.flatMap((group) => this.#store.tilesOf(group));
    const largest = tiles.reduce((most, tile) => Math.max(most, limitOf(tile, model, level)), model.scale.limit);
    const scale = { ...model.scale, limit: largest > 0 ? largest : 1 };
    return {
      layer: model.layer,
      scale,
      palette: scale.isSigned ? look.diverging : look.sequential,
      ground: pixelOf(emptyColor(model)),
    };
  }

  /** Tiles in the order of drawing; where exact ones are missing, coarser and finer ones stand in for them. */
  #painted(
    wanted: readonly WantedTiles[],
    level: number,
    colouring: Colouring,
  ): { readonly tiles: Tile[]; readonly isUnfinished: boolean } {
    const startMs = performance.now();
    let isUnfinished = false;
    const ready = (tile: Tile): boolean => {
      if (this.#bitmaps.isPainted(tile, colouring)) return true;
      if (performance.now() - startMs > PAINT_MS) {
        isUnfinished = true;
        return false;
      }
      this.#bitmaps.paint(tile, colouring);
      return tile.bitmap !== undefined;
    };
    const tiles = wanted.flatMap(({ group, places }) => {
      const exact = places.flatMap((place) => this.#store.tile(group, place) ?? []).filter(ready);
      if (exact.length === places.length) return exact;
      return [...this.#store.tilesOf(group).filter((tile) => tile.level !== level && ready(tile)), ...exact];
    });
    return { tiles, isUnfinished };
  }
}

function limitOf(tile: Tile, { layer }: MatrixModel, level: number): number {
  if (layer === 'weight') return tile.largestWeight;
  return layer === 'selection' && tile.level === level ? tile.mostSelected : 0;
}

/** Cells without a connection: a shade off the page, so that the matrix is seen as a surface. */
function emptyColor({ view }: MatrixModel): readonly [number, number, number] {
  const { color, isDark, isHighContrast } = view.look.ground;
  if (isHighContrast) return color;
  return mixed(color, isDark ? WHITE : BLACK, isDark ? 0.025 : 0.02);
}
