/** The living picture of a matrix: its canvas, what is seen of it, and what pointers and keys do to it. */
import type { ConnectionsState } from '../../../engine/protocol/connectionsView.ts';
import { t } from '../../host/translations.ts';
import type { Inquiries } from '../inquiry/inquiries.ts';
import type { Scale } from '../scale/scale.ts';
import { TileStore } from '../tiles/tileStore.ts';
import { levelOf, positionsPerCell } from '../viewport/level.ts';
import { clamped, panned, positionAt, revealing, wholeMatrix, zoomedAt, type Viewport } from '../viewport/viewport.ts';
import { cellsOfScreen, movedCursor, startingCursor, type Position } from './input/cursor.ts';
import { pressKey, type KeyListener } from './input/keyboardInput.ts';
import type { MatrixModel } from '../model/matrixModel.ts';
import { drawScene } from './painting/matrixPainter.ts';
import { Minimap, resize } from './painting/minimap.ts';
import { pictureLayout, regionAt, type PictureLayout } from './painting/pictureLayout.ts';
import { listenToPointers } from './input/pointerInput.ts';
import { readout } from './readout.ts';
import type { CellSpan, Scene } from './painting/scene.ts';
import { SceneBuilder } from './painting/sceneBuilder.ts';
import { ViewportMemory } from './viewportMemory.ts';

type Place = NonNullable<ConnectionsState['selected']>;

export class MatrixController {
  readonly element = document.createElement('div');
  readonly readoutElement = document.createElement('p');
  readonly minimap = new Minimap((row, column) => this.#move({ ...this.#memory.viewport, row, column }));
  readonly #canvas = document.createElement('canvas');
  readonly #spoken = document.createElement('div');
  readonly #memory = new ViewportMemory();
  readonly #store: TileStore;
  readonly #builder: SceneBuilder;
  readonly #onChange: () => void;
  #model: MatrixModel | undefined;
  #layout: PictureLayout | undefined;
  #scene: Scene | undefined;
  #pointer: { readonly x: number; readonly y: number } | undefined;
  #cursor: Position | undefined;
  /** Whether keys were used last: then the cursor is shown. */
  #isByKeys = false;
  /** What the page around the picture was told last. */
  #told: { readonly limit: number; readonly problem: TileStore['problem'] } = { limit: 0, problem: undefined };
  #isFrameDue = false;

  constructor(inquiries: Inquiries, onChange: () => void) {
    this.#onChange = onChange;
    this.#store = new TileStore(inquiries, () => this.#schedule());
    this.#builder = new SceneBuilder(this.#store);
    this.element.className = 'matrix-picture';
    this.readoutElement.className = 'readout figure-number';
    this.#spoken.className = 'visually-hidden';
    this.#spoken.setAttribute('role', 'status');
    this.#canvas.tabIndex = 0;
    this.#canvas.setAttribute('role', 'application');
    this.#canvas.setAttribute('aria-roledescription', t('matrix'));
    this.element.append(this.#canvas, this.#spoken);
    this.#listen();
  }

  get problem(): TileStore['problem'] {
    return this.#store.problem;
  }

  /** Colours of what is shown, with the limit that was found in it. */
  get scale(): Scale | undefined {
    return this.#scene?.colouring.scale;
  }

  /** What is seen now, for tables and files. */
  get scene(): Scene | undefined {
    return this.#scene;
  }

  show(model: MatrixModel): void {
    this.#model = model;
  }

  /** Call when the page stands: its size is known then. */
  afterRender(): void {
    if (this.element.isConnected) this.#draw();
  }

  revealNext(place: Place): void {
    this.#memory.revealNext(place);
    this.#cursor = undefined;
  }

  zoomBy(factor: number): void {
    if (this.#layout === undefined) return;
    const { width, height } = this.#layout.frame;
    this.#move(zoomedAt(this.#memory.viewport, this.#layout.frame, factor, width / 2, height / 2));
  }

  showAll(): void {
    if (this.#layout !== undefined) this.#move(wholeMatrix(this.#layout.frame));
  }

  retry(): void {
    this.#store.retry();
  }

  #listen(): void {
    new ResizeObserver(() => this.#schedule()).observe(this.element);
    listenToPointers(this.#canvas, {
      pan: (deltaX, deltaY) => {
        if (this.#layout !== undefined) this.#move(panned(this.#memory.viewport, this.#layout.frame, deltaX, deltaY));
      },
      zoomAt: (factor, x, y) => {
        const layout = this.#layout;
        if (layout === undefined) return;
        this.#move(zoomedAt(this.#memory.viewport, layout.frame, factor, x - layout.left, y - layout.top));
      },
      point: (x, y) => this.#point({ x, y }),
      leave: () => this.#point(undefined),
      choose: (x, y) => this.#choose(x, y),
    });
    this.#canvas.addEventListener('keydown', (event) => {
      if (!pressKey(event, this.#keys)) return;
      event.preventDefault();
      this.#isByKeys = true;
      this.#schedule();
    });
    this.#canvas.addEventListener('focus', () => this.#schedule());
    this.#canvas.addEventListener('blur', () => this.#schedule());
  }

  readonly #keys: KeyListener = {
    moveCursor: (rows, columns) => this.#moveCursor(rows, columns),
    turnPage: (rows, columns) => {
      if (this.#scene === undefined) return;
      const cells = cellsOfScreen(this.#scene);
      this.#moveCursor(rows * cells.rows, columns * cells.columns);
    },
    zoomAtCursor: (factor) => {
      const [layout, cursor] = [this.#layout, this.#cursorPosition()];
      if (layout === undefined || cursor === undefined) return;
      const zoom = this.#memory.viewport.zoom * factor;
      this.#move(clamped({ row: cursor.row + 0.5, column: cursor.column + 0.5, zoom }, layout.frame));
    },
    zoomOut: () => this.showAll(),
    inspect: () => {
      const cursor = this.#cursorPosition();
      if (cursor !== undefined) this.#select(cursor);
    },
    clear: () => this.#model?.view.actions.update({ selected: null }),
  };

  #cursorPosition(): Position | undefined {
    return this.#cursor ?? (this.#model && startingCursor(this.#model, this.#memory.viewport));
  }

  #moveCursor(rows: number, columns: number): void {
    const [layout, scene, from] = [this.#layout, this.#scene, this.#cursorPosition()];
    if (layout === undefined || scene === undefined || from === undefined) return;
    this.#cursor = movedCursor(from, scene, rows, columns);
    this.#pointer = undefined;
    this.#isByKeys = true;
    this.#move(revealing(this.#memory.viewport, layout.frame, this.#cursor.row, this.#cursor.column));
    this.#draw();
    const { cursor } = this.#scene ?? {};
    if (cursor !== undefined) this.#spoken.textContent = readout(this.#scene!, cursor);
  }

  #point(pointer: { readonly x: number; readonly y: number } | undefined): void {
    this.#pointer = pointer;
    if (pointer !== undefined) this.#isByKeys = false;
    this.#schedule();
  }

  #choose(x: number, y: number): void {
    const [layout, { viewport }] = [this.#layout, this.#memory];
    const before = this.#cursorPosition();
    if (layout === undefined || before === undefined) return;
    const region = regionAt(layout, viewport, x, y);
    if (region === undefined) return;
    const at = positionAt(viewport, layout.frame, x - layout.left, y - layout.top);
    const row = region === 'columnMargin' ? undefined : Math.floor(at.row);
    const column = region === 'rowMargin' ? undefined : Math.floor(at.column);
    this.#cursor = { row: row ?? before.row, column: column ?? before.column };
    this.#select({ ...(row === undefined ? {} : { row }), ...(column === undefined ? {} : { column }) });
  }

  /** By positions. */
  #select({ row, column }: Place): void {
    const model = this.#model;
    if (model === undefined) return;
    const { arrangement, view } = model;
    view.actions.update({
      selected: {
        ...(row === undefined ? {} : { row: arrangement.rowAt(row) }),
        ...(column === undefined ? {} : { column: arrangement.columnAt(column) }),
      },
    });
  }

  #move(viewport: Viewport): void {
    if (this.#layout === undefined || this.#model === undefined) return;
    this.#memory.move(viewport, this.#model, this.#layout.frame);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isFrameDue) return;
    this.#isFrameDue = true;
    requestAnimationFrame(() => {
      this.#isFrameDue = false;
      if (this.element.isConnected) this.#draw();
    });
  }

  #draw(): void {
    const model = this.#model;
    const { clientWidth, clientHeight } = this.element;
    if (model === undefined || clientWidth === 0 || clientHeight === 0) return;
    const { rows, columns } = model.module;
    const layout = pictureLayout(clientWidth, clientHeight, rows, columns);
    this.#layout = layout;
    if (this.#memory.update(model, layout.frame)) this.#cursor = undefined;
    const { viewport } = this.#memory;
    const { scene, minimapTile, isUnfinished } = this.#builder.build(
      model,
      layout,
      viewport,
      this.#marks(layout, viewport),
    );
    this.#scene = scene;
    resize(this.#canvas, layout.width, layout.height);
    const context = this.#canvas.getContext('2d', { alpha: false });
    if (context === null) return;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    drawScene(context, scene);
    this.minimap.draw(scene, minimapTile);
    this.#tell(scene);
    if (isUnfinished) this.#schedule();
  }

  /** Words beside the picture, and the page around it where it shows what was found in the tiles. */
  #tell(scene: Scene): void {
    const cell = scene.pointed ?? scene.cursor;
    this.readoutElement.textContent =
      cell === undefined ? t('Point at a cell to read it, click to inspect it.') : readout(scene, cell);
    const { module } = scene.model;
    const label = t('{0}, {1} neurons by {2} inputs', module.module, module.rows, module.columns);
    this.#canvas.setAttribute('aria-label', label);
    const { limit } = scene.colouring.scale;
    const { problem } = this.#store;
    if (limit === this.#told.limit && problem === this.#told.problem) return;
    this.#told = { limit, problem };
    this.#onChange();
  }

  #marks(layout: PictureLayout, viewport: Viewport): Pick<Scene, 'pointed' | 'cursor'> {
    const perCell = positionsPerCell(levelOf(viewport.zoom, layout.frame));
    const spanAt = ({ row, column }: Position): CellSpan => ({
      firstRow: Math.floor(row / perCell) * perCell,
      firstColumn: Math.floor(column / perCell) * perCell,
      positionsPerCell: perCell,
    });
    const isFocused =
      document.activeElement === this.#canvas && (this.#isByKeys || this.#canvas.matches(':focus-visible'));
    const cursor = isFocused ? this.#cursorPosition() : undefined;
    const pointer = this.#pointer;
    const isOver = pointer !== undefined && regionAt(layout, viewport, pointer.x, pointer.y) === 'matrix';
    return {
      pointed: isOver
        ? spanAt(positionAt(viewport, layout.frame, pointer.x - layout.left, pointer.y - layout.top))
        : undefined,
      cursor: cursor && spanAt(cursor),
    };
  }
}
