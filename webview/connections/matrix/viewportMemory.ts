/** The viewport of a matrix over time: taken from the view's state, moved by the user, kept in the state after a while. */
import type { ConnectionsState } from '../../../engine/protocol/connectionsView.ts';
import { clamped, fittingZoom, revealing, wholeMatrix, type Frame, type Viewport } from '../viewport/viewport.ts';
import type { MatrixModel } from '../model/matrixModel.ts';

type Place = NonNullable<ConnectionsState['selected']>;

/** A jump lands where single cells can be told apart. */
const JUMP_ZOOM = 22;

/** What is seen is kept when it has not changed for so long. */
const KEEP_DELAY_MS = 250;

export class ViewportMemory {
  #viewport: Viewport = { row: 0, column: 0, zoom: 1 };
  /** The state that the viewport was last taken from or written to. */
  #kept: Pick<ConnectionsState, 'centre' | 'zoom' | 'module'> | undefined;
  #toReveal: Place | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  get viewport(): Viewport {
    return this.#viewport;
  }

  /** Goes to an index as soon as the arrangement of the matrix is known. */
  revealNext(place: Place): void {
    this.#toReveal = place;
  }

  move(viewport: Viewport, model: MatrixModel, frame: Frame): void {
    this.#viewport = clamped(viewport, frame);
    this.#keepSoon(model, frame);
  }

  /** Takes the viewport anew where the state was changed elsewhere; returns whether it is another matrix. */
  update(model: MatrixModel, frame: Frame): boolean {
    const { centre, zoom, module, rowOrder, columnOrder } = model.view.state;
    const kept = this.#kept;
    const isOther = kept?.module !== module;
    if (isOther || kept.centre !== centre || kept.zoom !== zoom) {
      this.#viewport = centre === null || zoom === 0 ? wholeMatrix(frame) : { ...centre, zoom };
      this.#kept = { centre, zoom, module };
      clearTimeout(this.#timer);
    }
    const isArranged = (rowOrder === 'index' && columnOrder === 'index') || model.margins !== undefined;
    if (this.#toReveal !== undefined && isArranged) {
      this.#viewport = revealed(this.#viewport, this.#toReveal, model, frame);
      this.#toReveal = undefined;
      this.#keepSoon(model, frame);
    }
    this.#viewport = clamped(this.#viewport, frame);
    return isOther;
  }

  #keepSoon(model: MatrixModel, frame: Frame): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { row, column, zoom } = this.#viewport;
      const isWhole = zoom <= fittingZoom(frame) * (1 + 1e-9);
      const kept = { centre: isWhole ? null : { row, column }, zoom: isWhole ? 0 : zoom };
      this.#kept = { ...kept, module: model.module.module };
      model.view.actions.update(kept);
    }, KEEP_DELAY_MS);
  }
}

function revealed(viewport: Viewport, place: Place, { arrangement }: MatrixModel, frame: Frame): Viewport {
  const row = place.row === undefined ? viewport.row : arrangement.positionOfRow(place.row);
  const column = place.column === undefined ? viewport.column : arrangement.positionOfColumn(place.column);
  const isCloser = viewport.zoom < JUMP_ZOOM;
  const near = isCloser ? { row: row + 0.5, column: column + 0.5, zoom: JUMP_ZOOM } : viewport;
  return revealing(clamped(near, frame), frame, row, column);
}
