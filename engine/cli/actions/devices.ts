/** `neuroada devices`: what can compute here, and why the rest cannot. */
import type { DeviceReport } from '../../protocol/devices.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { bytesText } from '../quantities.ts';
import { tableLines } from '../table.ts';

export function devices(execution: Execution): Promise<number> {
  return execute(execution, async () => {
    const devicesJob = await loadJob('devices');
    const result = await devicesJob();
    const rows = result.devices.map((report) => [report.device, reportText(report, result.recommended)] as const);
    return { value: result, lines: tableLines(rows) };
  });
}

function reportText({ device, isUsable, name, memoryBytes, reason, fix }: DeviceReport, recommended: string): string {
  const hardware = [name, memoryBytes === undefined ? undefined : bytesText(memoryBytes)].filter(
    (part) => part !== undefined,
  );
  if (isUsable) return [`usable${device === recommended ? ', taken by "auto"' : ''}`, ...hardware].join(', ');
  return [`not usable${reason === undefined ? '' : `: ${reason}`}.`, fix]
    .filter((part) => part !== undefined)
    .join(' ');
}
