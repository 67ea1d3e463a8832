/** `neuroada devices`: what can compute here, why the rest cannot, and whether what can does so rightly. */
import { ExpectedError } from '../../errors/expected.ts';
import type { DeviceReport, DeviceVerdict } from '../../protocol/devices.ts';
import { execute, type Execution } from '../execution.ts';
import { loadJob } from '../jobs.ts';
import { bytesText } from '../quantities.ts';
import { tableLines } from '../table.ts';

export function devices(execution: Execution, isTested: boolean): Promise<number> {
  return execute(execution, async ({ observer, signal }) => {
    const devicesJob = await loadJob('devices');
    const result = await devicesJob();
    const rows = result.devices.map((report) => [report.device, reportText(report, result.recommended)] as const);
    if (!isTested) return { value: result, lines: tableLines(rows) };
    const { selfTest } = await import('../../jobs/selfTest.ts');
    const verdicts = await selfTest(
      [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
      result.devices,
      (device) => {
        observer.onProgress({ phase: `training on ${device}`, done: 0, total: 0 });
      },
      signal,
    );
    refuseWrong(verdicts);
    return { value: { ...result, verdicts }, lines: [...tableLines(rows), ...verdictLines(verdicts)] };
  });
}

function verdictLines(verdicts: readonly DeviceVerdict[]): readonly string[] {
  if (verdicts.length === 0) return ['No device but the CPU is usable, which the others are compared with.'];
  return verdicts.map((verdict) => `${trialName(verdict)} is right: ${verdict.text}`);
}

function refuseWrong(verdicts: readonly DeviceVerdict[]): void {
  const wrong = verdicts.filter(({ isRight }) => !isRight);
  if (wrong.length === 0) return;
  throw new ExpectedError(
    'runtime/deviceWrong',
    wrong.map((verdict) => `${trialName(verdict)}: ${verdict.text}`).join('; '),
    'Train on the CPU, update the driver, and report this with the output of `neuroada devices`.',
  );
}

function trialName({ device, precision }: DeviceVerdict): string {
  return precision === undefined ? device : `${device} in ${precision}`;
}

function reportText(
  { device, isUsable, hasFloat16, name, memoryBytes, reason, fix }: DeviceReport,
  recommended: string,
): string {
  const hardware = [name, memoryBytes === undefined ? undefined : bytesText(memoryBytes)].filter(
    (part) => part !== undefined,
  );
  const precisions = hasFloat16 === undefined ? [] : [hasFloat16 ? 'with float16' : 'without float16'];
  if (isUsable)
    return [`usable${device === recommended ? ', taken by "auto"' : ''}`, ...precisions, ...hardware].join(', ');
  return [`not usable${reason === undefined ? '' : `: ${reason}`}.`, fix]
    .filter((part) => part !== undefined)
    .join(' ');
}
