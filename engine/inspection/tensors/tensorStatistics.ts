/** Statistics of one tensor, streamed: a pass for range and means, a second for spread and histogram. */
import { elementSize } from '../../checkpoint/safetensors/dtype.ts';
import type { TensorEntry } from '../../checkpoint/safetensors/safetensorsHeader.ts';
import { openSafetensors, type SafetensorsFile } from '../../checkpoint/safetensors/safetensorsReader.ts';
import { CancelledError, ExpectedError } from '../../errors/expected.ts';
import type { TensorStatistics } from '../../protocol/connections/tensorTable.ts';
import { equalBins } from '../neurons/histogram.ts';
import { decoderOf } from './tensorElements.ts';

/** A whole number of elements of every type. */
const BLOCK_BYTES = 4 << 20;

export interface StatisticsRequest {
  readonly file: string;
  readonly tensor: string;
  readonly bins: number;
  readonly onBytes: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** @throws ExpectedError `checkpoint/…`, `inspection/notCountable`, `files/…`; CancelledError */
export async function tensorStatistics(request: StatisticsRequest): Promise<TensorStatistics> {
  const file = await openSafetensors(request.file);
  try {
    const entry = file.tensors.get(request.tensor);
    if (entry === undefined) throw noSuchTensor(request);
    return await statisticsOf(file, entry, request);
  } finally {
    await file.close();
  }
}

async function statisticsOf(
  file: SafetensorsFile,
  entry: TensorEntry,
  request: StatisticsRequest,
): Promise<TensorStatistics> {
  const elements = entry.byteLength / elementSize(entry.dtype);
  const passes = { onBytes: (done: number) => request.onBytes(done, 2 * entry.byteLength), signal: request.signal };
  const first = { notANumber: 0, infinite: 0, zeros: 0, minimum: Infinity, maximum: -Infinity, sum: 0, magnitudes: 0 };
  for await (const numbers of blocks(file, entry, 0, passes)) takeIn(first, numbers);
  const { sum, magnitudes, ...counted } = first;
  const finite = elements - first.notANumber - first.infinite;
  const hasFinite = finite > 0;
  const mean = sum / finite;
  const bins = equalBins(hasFinite ? first.minimum : 0, hasFinite ? first.maximum : 0, request.bins);
  const counts = new Float64Array(request.bins);
  let squares = 0;
  for await (const numbers of blocks(file, entry, entry.byteLength, passes)) {
    for (let i = 0; i < numbers.length; i += 1) {
      const number = numbers[i]!;
      if (!Number.isFinite(number)) continue;
      squares += (number - mean) * (number - mean);
      counts[bins.binOf(number)]! += 1;
    }
  }
  return {
    elements,
    ...counted,
    minimum: hasFinite ? first.minimum : null,
    maximum: hasFinite ? first.maximum : null,
    mean: hasFinite ? mean : null,
    meanMagnitude: hasFinite ? magnitudes / finite : null,
    standardDeviation: hasFinite ? Math.sqrt(squares / finite) : null,
    edges: bins.edges,
    counts,
  };
}

interface FirstPass {
  notANumber: number;
  infinite: number;
  zeros: number;
  minimum: number;
  maximum: number;
  sum: number;
  magnitudes: number;
}

function takeIn(pass: FirstPass, numbers: ArrayLike<number>): void {
  for (let i = 0; i < numbers.length; i += 1) {
    const number = numbers[i]!;
    if (Number.isFinite(number)) {
      pass.sum += number;
      pass.magnitudes += Math.abs(number);
      if (number === 0) pass.zeros += 1;
      if (number < pass.minimum) pass.minimum = number;
      if (number > pass.maximum) pass.maximum = number;
    } else if (Number.isNaN(number)) pass.notANumber += 1;
    else pass.infinite += 1;
  }
}

/** The tensor's elements block by block; each is valid until the next is asked for. */
async function* blocks(
  file: SafetensorsFile,
  { name, dtype, byteLength }: TensorEntry,
  bytesBefore: number,
  { onBytes, signal }: { readonly onBytes: (done: number) => void; readonly signal: AbortSignal },
): AsyncGenerator<ArrayLike<number>, void, undefined> {
  const decode = decoderOf(dtype);
  if (decode === undefined) {
    const fix = 'Convert the tensor to another type.';
    const place = { file: file.path, tensor: name };
    throw new ExpectedError('inspection/notCountable', `there are no statistics of ${dtype} elements`, fix, place);
  }
  const area = new Uint8Array(Math.min(BLOCK_BYTES, byteLength));
  for (let offset = 0; offset < byteLength; offset += BLOCK_BYTES) {
    if (signal.aborted) throw new CancelledError();
    const bytes = area.subarray(0, Math.min(BLOCK_BYTES, byteLength - offset));
    await file.readInto(name, offset, bytes);
    yield decode(bytes);
    onBytes(bytesBefore + offset + bytes.byteLength);
  }
}

function noSuchTensor({ file, tensor }: StatisticsRequest): ExpectedError {
  const problem = 'the file has no such tensor';
  return new ExpectedError('checkpoint/missingTensor', problem, 'Choose another tensor.', { file, tensor });
}
