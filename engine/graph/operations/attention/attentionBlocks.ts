/** The ONNX nodes by which attention is computed a block of query rows at a time: sizes, slices, masks and scores. */
import type { Node } from '../../graph.ts';
import type { LoweringContext } from '../../loweringContext.ts';
import { inputOf } from '../../operation.ts';

/** Added to the score of a position that must not be attended to. */
const MASKED = -1e9;
/** The axis of rows in [batch, heads, rows, d]. */
const ROWS = 2;

interface ProductOptions {
  readonly transposeLeft?: boolean;
  readonly transposeRight?: boolean;
  readonly alpha?: number;
}

/** Blocks of nearly equal size: rows are padded to a multiple of it, and what is made for the padding is cut off. */
export class AttentionBlocks {
  /** Number of blocks, int64 [1]. */
  readonly count: string;
  readonly #context: LoweringContext;
  readonly #node: Node;
  readonly #length: string;
  readonly #size: string;
  readonly #query: string;
  readonly #segments: string;
  readonly #padding: string;

  /** @param node whose first five inputs are query, key, value, segments and window */
  constructor(context: LoweringContext, node: Node) {
    this.#context = context;
    this.#node = node;
    const query = context.nameOf(inputOf(node, 0));
    const one = context.integers([1]);
    const rounded = (total: string, part: string): string =>
      context.emit('Div', [context.emit('Sub', [context.emit('Add', [total, part]), one]), part]);
    this.#length = context.emit('Shape', [query], { attributes: { start: { int: ROWS }, end: { int: ROWS + 1 } } });
    this.count = rounded(this.#length, context.integers([Number(node.attributes['blockRows'])]));
    this.#size = rounded(this.#length, this.count);
    this.#padding = context.emit('Sub', [context.emit('Mul', [this.count, this.#size]), this.#length]);
    this.#query = this.padded(query);
    this.#segments = this.#padEnd(context.nameOf(inputOf(node, 3)), 2, 1);
  }

  /** [batch, heads, rows, d] with zeros behind its rows. */
  padded(name: string): string {
    return this.#padEnd(name, 4, ROWS);
  }

  /** The block of a round, whose nodes are emitted into the loop's body. */
  at(number: string): AttentionBlock {
    const inputs = [1, 2, 3, 4].map((index) => this.#context.nameOf(inputOf(this.#node, index)));
    const [key = '', value = '', segments = '', window = ''] = inputs;
    const whole = { query: this.#query, key, value, segments, rowSegments: this.#segments, window };
    const start = this.#context.emit('Mul', [
      this.#context.emit('Unsqueeze', [number, this.#context.integers([0])]),
      this.#size,
    ]);
    return new AttentionBlock(this.#context, this.#node, whole, { start, size: this.#size, length: this.#length });
  }

  /** Blocks [count, batch, heads, size, d], one behind the other and without padding, as the value `output`. */
  join(stacked: string, output: string): void {
    const { emit, integers } = bound(this.#context);
    const heads = emit('Transpose', [stacked], { attributes: { perm: { ints: [1, 2, 0, 3, 4] } } });
    const [headCount, size] = [inputOf(this.#node, 0).shape[1], inputOf(this.#node, 0).shape[3]];
    const shape = emit(
      'Concat',
      [
        emit('Shape', [stacked], { attributes: { start: { int: 1 }, end: { int: 2 } } }),
        integers([Number(headCount), -1, Number(size)]),
      ],
      { attributes: { axis: { int: 0 } } },
    );
    const rows = emit('Reshape', [heads, shape]);
    emit('Slice', [rows, integers([0]), this.#length, integers([ROWS])], { outputs: [output] });
  }

  #padEnd(name: string, rank: number, axis: number): string {
    const { emit, integers } = bound(this.#context);
    const zeros = (count: number): string[] => (count === 0 ? [] : [integers(Array<number>(count).fill(0))]);
    const parts = [...zeros(rank + axis), this.#padding, ...zeros(rank - axis - 1)];
    return emit('Pad', [name, emit('Concat', parts, { attributes: { axis: { int: 0 } } })]);
  }
}

interface WholeInputs {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly segments: string;
  readonly rowSegments: string;
  readonly window: string;
}

/** One block of query rows, and the keys and values that they may see. */
export class AttentionBlock {
  /** [batch, heads, size, d] */
  readonly query: string;
  /** [batch, keyValueHeads, seen, d] */
  readonly key: string;
  /** [batch, keyValueHeads, seen, d] */
  readonly value: string;
  readonly #context: LoweringContext;
  readonly #node: Node;
  readonly #whole: WholeInputs;
  readonly #start: string;
  readonly #end: string;
  readonly #length: string;
  /** First key that is seen, and the one behind the last. */
  readonly #first: string;
  readonly #last: string;

  constructor(
    context: LoweringContext,
    node: Node,
    whole: WholeInputs,
    { start, size, length }: { readonly start: string; readonly size: string; readonly length: string },
  ) {
    const { emit, integers } = bound(context);
    this.#context = context;
    this.#node = node;
    this.#whole = whole;
    this.#start = start;
    this.#length = length;
    this.#end = emit('Add', [start, size]);
    this.#last = emit('Min', [this.#end, length]);
    const reached = emit('Add', [emit('Sub', [start, whole.window]), integers([1])]);
    this.#first = emit('Max', [reached, integers([0])]);
    this.query = this.rowsOf(whole.query);
    this.key = this.#slice(whole.key, this.#first, this.#last, ROWS);
    this.value = this.#slice(whole.value, this.#first, this.#last, ROWS);
  }

  /** The block's rows of a padded [batch, heads, rows, d]. */
  rowsOf(name: string): string {
    return this.#slice(name, this.#start, this.#end, ROWS);
  }

  /** Softmax of the scores, [batch, heads, size, seen]. */
  probabilities(): string {
    const alpha = Number(this.#node.attributes['scale']);
    const scores = this.unfold(this.product(this.fold(this.query), this.key, { transposeRight: true, alpha }));
    const masked = this.#context.emit('Add', [scores, this.#mask()]);
    return this.#context.emit('Softmax', [masked], { attributes: { axis: { int: -1 } } });
  }

  /** Heads that share a key-value head as more rows of it: [batch, heads, r, c] to [batch, keyValueHeads, group * r, c]. */
  fold(name: string): string {
    return this.#reshape(name, Number(inputOf(this.#node, 1).shape[1]));
  }

  /** The other way. */
  unfold(name: string): string {
    return this.#reshape(name, Number(inputOf(this.#node, 0).shape[1]));
  }

  product(
    left: string,
    right: string,
    { transposeLeft = false, transposeRight = false, alpha = 1 }: ProductOptions,
  ): string {
    const { emit } = bound(this.#context);
    if (this.#context.kernels.hasFusedKernels) {
      const attributes = {
        transA: { int: Number(transposeLeft) },
        transB: { int: Number(transposeRight) },
        alpha: { float: alpha },
      };
      return emit('FusedMatMul', [left, right], { domain: 'com.microsoft', attributes });
    }
    const product = emit('MatMul', [
      transposeLeft ? this.#transposed(left) : left,
      transposeRight ? this.#transposed(right) : right,
    ]);
    return alpha === 1 ? product : emit('Mul', [product, this.#context.scalar(alpha)]);
  }

  /** alpha A^T B as (B^T A)^T: transposing B, which is small, costs less than transposing A. */
  smallProduct(a: string, b: string, alpha: number): string {
    return this.#transposed(this.product(b, a, { transposeLeft: true, alpha }));
  }

  /** [batch, keyValueHeads, seen, d] at its place among all keys, with zeros around. */
  amongKeys(name: string): string {
    const { emit, integers } = bound(this.#context);
    const behind = emit('Sub', [this.#length, this.#last]);
    const [two, three, one] = [integers([0, 0]), integers([0, 0, 0]), integers([0])];
    const pads = emit('Concat', [two, this.#first, three, behind, one], { attributes: { axis: { int: 0 } } });
    return emit('Pad', [name, pads]);
  }

  /** [batch, 1, size, seen]: 0 where a row sees a key. */
  #mask(): string {
    const { emit, integers } = bound(this.#context);
    const { segments, rowSegments, window } = this.#whole;
    const rows = emit('Unsqueeze', [this.#range(this.#start, this.#end), integers([1])]);
    const distance = emit('Sub', [rows, this.#range(this.#first, this.#last)]);
    const isNear = emit('And', [emit('GreaterOrEqual', [distance, integers([0])]), emit('Less', [distance, window])]);
    const rowSegment = emit('Unsqueeze', [this.#slice(rowSegments, this.#start, this.#end, 1), integers([1, 3])]);
    const keySegment = emit('Unsqueeze', [this.#slice(segments, this.#first, this.#last, 1), integers([1, 2])]);
    const isSeen = emit('And', [emit('Equal', [rowSegment, keySegment]), isNear]);
    return emit('Where', [isSeen, this.#context.scalar(0), this.#context.scalar(MASKED)]);
  }

  #range(start: string, end: string): string {
    const { emit, integers } = bound(this.#context);
    const scalar = (name: string): string => emit('Squeeze', [name]);
    return emit('Range', [scalar(start), scalar(end), scalar(integers([1]))]);
  }

  #slice(name: string, start: string, end: string, axis: number): string {
    return this.#context.emit('Slice', [name, start, end, this.#context.integers([axis])]);
  }

  #reshape(name: string, heads: number): string {
    const { shape: query } = inputOf(this.#node, 0);
    if (query[1] === inputOf(this.#node, 1).shape[1]) return name;
    return this.#context.emit('Reshape', [name, this.#context.integers([0, heads, -1, 0])]);
  }

  #transposed(name: string): string {
    return this.#context.emit('Transpose', [name], { attributes: { perm: { ints: [0, 1, 3, 2] } } });
  }
}

/** A context's methods without the context. */
function bound(context: LoweringContext): Pick<LoweringContext, 'emit' | 'integers'> {
  return {
    emit: (...parameters) => context.emit(...parameters),
    integers: (values) => context.integers(values),
  };
}
