/** Why a device cannot be used, and what helps. */
import type { DeviceReport } from '../../protocol/devices.ts';

/** Of a report: the reason without a final full stop, the remedy as a sentence, and what the editor offers to do. */
export type Remedy = Required<Pick<DeviceReport, 'reason' | 'fix'>> & Pick<DeviceReport, 'offer'>;
