/**
 * `<neuroada-plot>`: one chart. It draws what its model says and tells its listener what is pointed at and zoomed to; by
 * keyboard it is a slider over the steps.
 */
import uPlot from 'uplot';
import { plotKey } from './plotKeyboard.ts';
import { plotOptions } from './plotOptions.ts';
import type { PlotListener, PlotModel } from './plotModel.ts';
import { chosen, panned, zoomed, type Range } from '../state/range.ts';
import { valueRange } from './valueAxis.ts';

/** One notch of a wheel zooms by about this factor. */
const WHEEL_NOTCH = 1.2;
const EDGE_PIXELS = 6;

export class PlotElement extends HTMLElement {
  #model: PlotModel | undefined;
  listener: PlotListener | undefined;
  #plot: uPlot | undefined;
  #isDragging = false;
  readonly #observer = new ResizeObserver(() => this.#resize());

  set model(model: PlotModel) {
    const before = this.#model;
    this.#model = model;
    this.#describe(model);
    if (this.#plot === undefined || before === undefined || needsNewPlot(before, model)) this.#rebuild();
    else if (!isSamePicture(before, model)) this.#redraw(model);
    this.#showCursor();
  }

  /** The canvas as drawn, for a picture of it. */
  get canvas(): HTMLCanvasElement | undefined {
    return this.#plot?.ctx.canvas;
  }

  /** Device pixels that the steps are drawn on. */
  get drawnWidth(): number {
    return Math.round(this.#plot?.bbox.width ?? 0);
  }

  /** Steps at the edges of the drawn area. */
  get shownSteps(): Range | undefined {
    return this.#model === undefined ? undefined : wide(this.#model.range, this.clientWidth);
  }

  connectedCallback(): void {
    this.tabIndex = 0;
    this.setAttribute('role', 'slider');
    this.addEventListener('keydown', this.#keyPressed);
    this.addEventListener('blur', this.#left);
    this.addEventListener('wheel', this.#wheelTurned, { passive: false });
    this.addEventListener('dblclick', this.#reset);
    this.#observer.observe(this);
  }

  disconnectedCallback(): void {
    this.#observer.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #describe({ name, readingText, extent: [first, last], cursorStep }: PlotModel): void {
    const attributes = {
      'aria-label': name,
      'aria-valuemin': first,
      'aria-valuemax': last,
      'aria-valuenow': cursorStep ?? last,
      'aria-valuetext': readingText,
    };
    for (const [attribute, value] of Object.entries(attributes)) {
      if (this.getAttribute(attribute) !== String(value)) this.setAttribute(attribute, String(value));
    }
  }

  #rebuild(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    const model = this.#model;
    const { clientWidth: width, clientHeight: height } = this;
    if (model === undefined || width === 0 || height === 0) return;
    const options = plotOptions(() => this.#model!, {
      cursorMoved: (plot) => this.#cursorMoved(plot),
      selected: (plot) => this.#selected(plot),
    });
    this.#plot = new uPlot({ ...options, width, height }, this.#data(model), this);
    this.#plot.over.addEventListener('mousedown', () => (this.#isDragging = true));
    this.#redraw(model);
    this.listener?.resize();
  }

  #redraw(model: PlotModel): void {
    const [low, high] = valueRange(model.lines, model.range, model.axis);
    const [from, to] = wide(model.range, this.clientWidth);
    this.#plot?.batch((plot: uPlot) => {
      plot.setData(this.#data(model), false);
      plot.setScale('x', { min: from, max: to });
      plot.setScale('y', { min: low, max: high });
    });
  }

  /** Lines draw themselves from the model; the chart counts their points only to know that there are some. */
  #data(model: PlotModel): uPlot.AlignedData {
    return [null, ...model.lines.map(({ steps, values }) => [steps, values])] as unknown as uPlot.AlignedData;
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this;
    if (width === 0 || height === 0) return;
    if (this.#plot === undefined) this.#rebuild();
    else {
      this.#plot.setSize({ width, height });
      this.listener?.resize();
    }
    this.#showCursor();
  }

  #showCursor(): void {
    const plot = this.#plot;
    if (plot === undefined || this.#model === undefined || this.#isDragging) return;
    const { cursorStep, range } = this.#model;
    const isInSight = cursorStep !== null && cursorStep >= range[0] && cursorStep <= range[1];
    plot.setCursor({ left: isInSight ? plot.valToPos(cursorStep, 'x') : -10, top: isInSight ? 0 : -10 }, false);
  }

  #cursorMoved(plot: uPlot): void {
    const left = plot.cursor.left ?? -1;
    if (this.#model === undefined) return;
    this.listener?.point(left < 0 ? null : this.#stepAt(plot, left));
  }

  #stepAt(plot: uPlot, left: number): number {
    const [first, last] = this.#model!.extent;
    return Math.min(last, Math.max(first, Math.round(plot.posToVal(left, 'x'))));
  }

  #selected(plot: uPlot): void {
    this.#isDragging = false;
    const { left, width } = plot.select;
    if (width <= 0 || this.#model === undefined) return;
    const range = chosen(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'), this.#model.extent);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.listener?.zoom(range);
  }

  readonly #left = (): void => this.listener?.point(null);

  readonly #reset = (): void => this.listener?.zoom(null);

  /** With Ctrl or Cmd, as a pinch comes, the wheel zooms; sideways it pans; else it scrolls the page. */
  readonly #wheelTurned = (event: WheelEvent): void => {
    const model = this.#model;
    const plot = this.#plot;
    if (model === undefined || plot === undefined) return;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      const left = event.clientX - plot.over.getBoundingClientRect().left;
      const factor = WHEEL_NOTCH ** (wheelPixels(event, event.deltaY) / 100);
      this.listener?.zoom(zoomed(model.range, model.extent, plot.posToVal(left, 'x'), factor));
    } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY) && !isWhole(model)) {
      const share = wheelPixels(event, sideways) / plot.over.clientWidth;
      this.listener?.zoom(panned(model.range, model.extent, share));
    } else return;
    event.preventDefault();
  };

  readonly #keyPressed = (event: KeyboardEvent): void => {
    const model = this.#model;
    if (model === undefined) return;
    const action = plotKey(event, model, this.clientWidth);
    if (action === undefined) return;
    event.preventDefault();
    if ('range' in action) this.listener?.zoom(action.range);
    if ('step' in action) this.listener?.point(action.step);
  };
}

function needsNewPlot(before: PlotModel, now: PlotModel): boolean {
  return before.theme !== now.theme || before.axis.isLog !== now.axis.isLog || strokes(before) !== strokes(now);
}

/** What of the lines the chart library takes once, at the start. */
function strokes({ lines }: PlotModel): string {
  return lines.map(({ shape, widthPixels, dash }) => [shape, widthPixels, ...dash].join()).join(';');
}

function isSamePicture(before: PlotModel, now: PlotModel): boolean {
  return before.lines === now.lines && before.range[0] === now.range[0] && before.range[1] === now.range[1];
}

function isWhole({ range, extent }: PlotModel): boolean {
  return range[0] <= extent[0] && range[1] >= extent[1];
}

/** With room for a marker at the last step of a chart so many pixels wide; a single step has no width to draw on. */
function wide([from, to]: Range, width: number): Range {
  const margin = to > from ? (EDGE_PIXELS / Math.max(width, 100)) * (to - from) : 1;
  return [from - margin, to + margin];
}

function wheelPixels(event: WheelEvent, delta: number): number {
  return event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? delta : delta * 33;
}

export function registerPlot(): void {
  customElements.define('neuroada-plot', PlotElement);
}
